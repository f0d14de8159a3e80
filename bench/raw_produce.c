/* SPDX-License-Identifier: MIT */
/* raw_produce - what librdkafka alone can do with what the gateway sends: the values of post.lua,
 * and with each the headers als.id, als.tenant and als.source; idempotent, acks=all, lz4. The
 * ceiling of the benchmarks, and their backlog.
 *
 *     raw_produce BROKERS TOPIC COUNT USERS ACTIONS TENANTS
 *
 * prints {"records":…,"failed":…,"per_second":…}. The rate is up to the last acknowledgement,
 * without connecting and without making the values, which post.lua has made beforehand, too. */
#include "bench/producer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNT_MAX = 10000000, VARIETY_MAX = 200000, WARM = 1000, ID_LEN = 36 };

struct record {
    int value_len, key_len, tenant_len;
    char value[320], key[24], tenant[24];
};

static long failed;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    (void)rk;
    (void)opaque;
    failed += m->err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t real_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* As post.lua makes them: about 250 bytes, as the old service's load scripts sent them. */
static void make(struct record *r, long n, long users, long actions, long tenants)
{
    r->key_len = snprintf(r->key, sizeof r->key, "user-%ld", n * 7919 % users);
    r->tenant_len = tenants > 1
                        ? snprintf(r->tenant, sizeof r->tenant, "tenant-%ld", n * 17 % tenants)
                        : snprintf(r->tenant, sizeof r->tenant, "default");
    r->value_len = snprintf(
        r->value, sizeof r->value,
        "{\"service\":\"auth-service\",\"action\":\"user.login.%ld\",\"userId\":\"%s\","
        "\"severity\":\"info\",\"metadata\":{\"ip\":\"192.168.1.%ld\",\"userAgent\":"
        "\"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\",\"sessionId\":\"session-%08ld\"}}",
        n * 31 % actions, r->key, n % 250, n);
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

static void produce(rd_kafka_t *rk, rd_kafka_topic_t *topic, const struct record *r, const char *id)
{
    const rd_kafka_vu_t v[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)r->value, (size_t)r->value_len}},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)r->key, (size_t)r->key_len}},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"als.id", id, ID_LEN}},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"als.tenant", r->tenant, r->tenant_len}},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"als.source", "http", 4}},
    };
    rd_kafka_error_t *error;

    while ((error = rd_kafka_produceva(rk, v, sizeof v / sizeof v[0]))) {
        if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            fprintf(stderr, "%s\n", rd_kafka_error_string(error));
            exit(1);
        }
        rd_kafka_error_destroy(error);
        rd_kafka_poll(rk, 10);
    }
    rd_kafka_poll(rk, 0);
}

static long at_least_one(const char *text)
{
    return atol(text) > 0 ? atol(text) : 1;
}

int main(int argc, char **argv)
{
    long count = argc == 7 ? atol(argv[3]) : 0, variety = 20000;
    double began = 0;

    if (count <= WARM || count > COUNT_MAX) {
        fprintf(stderr, "usage: raw_produce BROKERS TOPIC COUNT USERS ACTIONS TENANTS   "
                        "(COUNT up to 10000000)\n");
        return 64;
    }
    for (int i = 4; i <= 6; i++)
        variety = atol(argv[i]) > variety ? atol(argv[i]) : variety;
    variety = variety > VARIETY_MAX ? VARIETY_MAX : variety;
    struct record *records = calloc((size_t)variety, sizeof *records);
    if (!records)
        return 1;
    for (long n = 0; n < variety; n++)
        make(&records[n], n, at_least_one(argv[4]), at_least_one(argv[5]), at_least_one(argv[6]));
    rd_kafka_t *rk = producer_new(argv[1], "5", on_delivery, NULL);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[2], NULL);
    uint64_t run = real_ns();
    for (long n = 0; n < count; n++) {
        char id[ID_LEN];

        if (n == WARM) { /* connected by now */
            rd_kafka_flush(rk, 120000);
            began = now_s();
        }
        make_id(id, run, (uint64_t)n);
        produce(rk, topic, &records[n % variety], id);
    }
    rd_kafka_flush(rk, 120000);
    printf("{\"records\":%ld,\"failed\":%ld,\"per_second\":%.0f}\n", count,
           failed + rd_kafka_outq_len(rk), (double)(count - WARM) / (now_s() - began));
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    free(records);
    return 0;
}
