/* SPDX-License-Identifier: MIT */
#include "bench/producer.h"

#include <stdio.h>
#include <stdlib.h>

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
