/* SPDX-License-Identifier: MIT */
/* generate - what nobody did: COUNT records of 3 tenants (80, 15 and 5 of a hundred), 50 services,
 * 20,000 users and 40 actions, from 30 days that end at END_MS, straight into the raw topic. They
 * go through those days again and again, within an hour in the order of time, but for one of a
 * hundred that is from any time: as records are that some services send late. Record n is made from
 * n alone, so that generated.py knows the same list without reading it.
 *
 *     generate BROKERS TOPIC FROM COUNT PREFIX END_MS   prints {"records":…,"failed":…}
 */
#include "bench/producer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNT_MAX = 10000000, FIRST_SWEEPS = 100000 };
static const uint64_t SPAN_MS = 30ULL * 86400000, HOUR_MS = 3600000;

static long failed;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    (void)rk;
    (void)opaque;
    failed += m->err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* splitmix64, https://prng.di.unimi.it/splitmix64.c (public domain) in its own words: step n. */
static uint64_t mixed(uint64_t n)
{
    uint64_t z = (n + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static void add_time(char out[32], int64_t ms)
{
    time_t seconds = ms / 1000;
    struct tm t;

    gmtime_r(&seconds, &t);
    size_t len = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &t);
    snprintf(out + len, 32 - len, ".%03dZ", (int)(ms % 1000));
}

/* Into the span. Once through it takes 10,000 records, and 100,000 after the first 100,000. */
static uint64_t time_of(uint64_t n, uint64_t k)
{
    uint64_t sweep = n < FIRST_SWEEPS ? FIRST_SWEEPS / 10 : FIRST_SWEEPS;

    if ((k >> 40) % 100 == 0)
        return k % SPAN_MS;
    return n % sweep * (SPAN_MS - HOUR_MS) / sweep + k % HOUR_MS;
}

struct record {
    int value_len, key_len;
    char value[512], key[64];
};

static void make(struct record *r, long n, const char *prefix, int64_t end_ms)
{
    static const char *const verbs[] = {"create", "update", "delete", "view"};
    static const char *const severities[] = {"info", "info", "info", "info",  "info",
                                             "info", "warn", "warn", "error", "critical"};
    static const char *const outcomes[] = {"", ",\"outcome\":\"success\"",
                                           ",\"outcome\":\"failure\""};
    uint64_t h = mixed((uint64_t)n), k = mixed(h);
    uint64_t share = k >> 56;
    char time[32];
    int tenant = share < 204 ? 0 : share < 243 ? 1 : 2;

    add_time(time, end_ms - (int64_t)SPAN_MS + (int64_t)time_of((uint64_t)n, k));
    r->key_len = snprintf(r->key, sizeof r->key, "user-%d", (int)(h / 500 % 20000));
    r->value_len =
        snprintf(r->value, sizeof r->value,
                 "{\"id\":\"g-%ld\",\"tenant\":\"%s-%d\",\"service\":\"service-%d\",\"action\":"
                 "\"object%d.%s\",\"userId\":\"%s\",\"severity\":\"%s\"%s,\"timestamp\":\"%s\","
                 "\"metadata\":{\"n\":%ld}}",
                 n, prefix, tenant, (int)(h / 3 % 50), (int)(h / 150 % 10), verbs[h >> 40 & 3],
                 r->key, severities[(h >> 44) % 10], outcomes[(h >> 52) % 3], time, n);
}

static void produce(rd_kafka_t *rk, const char *topic, const struct record *r)
{
    while (rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic),
                             RD_KAFKA_V_KEY(r->key, (size_t)r->key_len),
                             RD_KAFKA_V_VALUE((void *)r->value, (size_t)r->value_len),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(rk, 10);
    rd_kafka_poll(rk, 0);
}

int main(int argc, char **argv)
{
    long from = argc == 7 ? atol(argv[3]) : 0, count = argc == 7 ? atol(argv[4]) : 0;

    if (count <= 0 || count > COUNT_MAX) {
        fprintf(stderr, "usage: generate BROKERS TOPIC FROM COUNT PREFIX END_MS\n");
        return 64;
    }
    rd_kafka_t *rk = producer_new(argv[1], "5", on_delivery, NULL);
    for (long n = from; n < from + count; n++) {
        struct record r;

        make(&r, n, argv[5], atoll(argv[6]));
        produce(rk, argv[2], &r);
    }
    rd_kafka_flush(rk, 120000);
    printf("{\"records\":%ld,\"failed\":%ld}\n", count, failed + rd_kafka_outq_len(rk));
    rd_kafka_destroy(rk);
    return 0;
}
