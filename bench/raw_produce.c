/* SPDX-License-Identifier: MIT */
/* raw_produce - what librdkafka alone can do: N records like the gateway's into a topic,
 * idempotent, acks=all, lz4, and the time until the last acknowledgement. The ceiling of the
 * benchmarks, and their backlog.
 *
 *     raw_produce BROKERS TOPIC COUNT USERS ACTIONS   prints {"records":…,"seconds":…,"failed":…}
 */
#include <librdkafka/rdkafka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static rd_kafka_t *producer(const char *brokers)
{
    const char *const pairs[][2] = {
        {"bootstrap.servers", brokers},
        {"enable.idempotence", "true"},
        {"compression.codec", "lz4"},
        {"partitioner", "murmur2_random"},
        {"linger.ms", "5"},
        {"queue.buffering.max.messages", "200000"},
        {"batch.num.messages", "100000"},
        {"delivery.report.only.error", "false"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256];
    rd_kafka_t *rk;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (rd_kafka_conf_set(conf, pairs[i][0], pairs[i][1], text, sizeof text) !=
            RD_KAFKA_CONF_OK) {
            fprintf(stderr, "%s\n", text);
            exit(1);
        }
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (!rk) {
        fprintf(stderr, "%s\n", text);
        exit(1);
    }
    return rk;
}

/* About 250 bytes, as the old service's load scripts sent them. */
static int record(char *out, size_t size, char *key, size_t key_size, long n, long users,
                  long actions)
{
    snprintf(key, key_size, "user-%ld", n * 7919 % users);
    return snprintf(
        out, size,
        "{\"service\":\"auth-service\",\"action\":\"user.login.%ld\",\"userId\":\"%s\","
        "\"severity\":\"info\",\"metadata\":{\"ip\":\"192.168.1.%ld\",\"userAgent\":"
        "\"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\",\"sessionId\":\"session-%08ld\"}}",
        n * 31 % actions, key, n % 250, n);
}

int main(int argc, char **argv)
{
    long count = argc == 6 ? atol(argv[3]) : 0, users, actions;
    rd_kafka_t *rk;
    double began;

    if (count <= 0 || count > 10000000) {
        fprintf(stderr,
                "usage: raw_produce BROKERS TOPIC COUNT USERS ACTIONS   (COUNT up to 10000000)\n");
        return 64;
    }
    users = atol(argv[4]) > 0 ? atol(argv[4]) : 1;
    actions = atol(argv[5]) > 0 ? atol(argv[5]) : 1;
    rk = producer(argv[1]);
    began = now_s();
    for (long n = 0; n < count; n++) {
        char value[512], key[64];
        size_t len = (size_t)record(value, sizeof value, key, sizeof key, n, users, actions);

        while (rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(argv[2]), RD_KAFKA_V_KEY(key, strlen(key)),
                                 RD_KAFKA_V_VALUE(value, len),
                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            rd_kafka_poll(rk, 10);
        rd_kafka_poll(rk, 0);
    }
    rd_kafka_flush(rk, 120000);
    printf("{\"records\":%ld,\"seconds\":%.3f,\"failed\":%ld}\n", count, now_s() - began,
           failed + rd_kafka_outq_len(rk));
    rd_kafka_destroy(rk);
    return 0;
}
