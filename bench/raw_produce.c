/* SPDX-License-Identifier: MIT */
/* raw_produce - what librdkafka alone can do with what the gateway sends: the values of post.lua,
 * and with each the gateway's headers; idempotent, acks=all, lz4. The ceiling of the benchmarks,
 * and their backlog.
 *
 *     raw_produce BROKERS TOPIC COUNT USERS ACTIONS TENANTS
 *
 * prints {"records":…,"failed":…,"per_second":…}. The rate is up to the last acknowledgement,
 * without connecting and without making the values, which post.lua has made beforehand, too. */
#include "bench/producer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COUNT_MAX = 10000000, VARIETY_MAX = 200000, WARM = 1000 };

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

static void produce(rd_kafka_t *rk, rd_kafka_topic_t *topic, const struct record *r, uint64_t run,
                    uint64_t n)
{
    const struct produced p = {.key = slice_make(r->key, (size_t)r->key_len),
                               .value = slice_make(r->value, (size_t)r->value_len),
                               .tenant = slice_make(r->tenant, (size_t)r->tenant_len),
                               .run = run,
                               .n = n};
    rd_kafka_error_t *error;

    while ((error = producer_send(rk, topic, &p))) {
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
    uint64_t run = producer_run();
    for (long n = 0; n < count; n++) {
        if (n == WARM) { /* connected by now */
            rd_kafka_flush(rk, 120000);
            began = now_s();
        }
        produce(rk, topic, &records[n % variety], run, (uint64_t)n);
    }
    rd_kafka_flush(rk, 120000);
    printf("{\"records\":%ld,\"failed\":%ld,\"per_second\":%.0f}\n", count,
           failed + rd_kafka_outq_len(rk), (double)(count - WARM) / (now_s() - began));
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    free(records);
    return 0;
}
