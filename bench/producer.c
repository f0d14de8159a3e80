/* SPDX-License-Identifier: MIT */
#include "bench/producer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ID_LEN = 36 };

rd_kafka_t *producer_new(const char *brokers, const char *linger_ms,
                         void (*delivered)(rd_kafka_t *, const rd_kafka_message_t *, void *opaque),
                         void *opaque)
{
    const char *const pairs[][2] = {
        {"bootstrap.servers", brokers},   {"enable.idempotence", "true"},
        {"compression.codec", "lz4"},     {"partitioner", "murmur2_random"},
        {"linger.ms", linger_ms},         {"queue.buffering.max.messages", "200000"},
        {"batch.num.messages", "100000"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_res_t set = RD_KAFKA_CONF_OK;
    rd_kafka_t *producer = NULL;
    char why[256];

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] && set == RD_KAFKA_CONF_OK; i++)
        set = rd_kafka_conf_set(conf, pairs[i][0], pairs[i][1], why, sizeof why);
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_conf_set_opaque(conf, opaque);
    if (set == RD_KAFKA_CONF_OK)
        producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!producer) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }
    return producer;
}

uint64_t producer_run(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* As random as a UUIDv7 of the gateway's, so that it compresses no better; unlike all others. */
static void make_id(char out[ID_LEN], uint64_t run, uint64_t n)
{
    static const char digits[] = "0123456789abcdef";
    static const char form[ID_LEN + 1] = "tttttttt-tttt-7xxx-8xxx-xxxxxxxxxxxx";
    uint64_t z = (run + n) * 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z ^= z >> 27; /* a bijection: no two are alike */
    uint64_t ms = run / 1000000, x = z;
    for (int i = 0; i < ID_LEN; i++) {
        out[i] = form[i];
        if (form[i] == 't') {
            out[i] = digits[ms >> 44 & 15];
            ms <<= 4;
        } else if (form[i] == 'x') {
            out[i] = digits[x & 15];
            x = x >> 4 | x << 60;
        }
    }
}

rd_kafka_error_t *producer_send(rd_kafka_t *producer, rd_kafka_topic_t *topic,
                                const struct produced *r)
{
    char id[ID_LEN];
    const rd_kafka_vu_t v[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)r->value.data, r->value.len}},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)r->key.data, r->key.len}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = r->opaque},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"als.id", id, ID_LEN}},
        {.vtype = RD_KAFKA_VTYPE_HEADER,
         .u.header = {"als.tenant", r->tenant.data, (ssize_t)r->tenant.len}},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"als.source", "http", 4}},
    };

    make_id(id, r->run, r->n);
    return rd_kafka_produceva(producer, v, sizeof v / sizeof v[0]);
}
