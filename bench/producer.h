/* SPDX-License-Identifier: MIT */
/* producer.h - the producer of the programs that make load: idempotent, acks=all, lz4, as the
 * gateway's is. */
#pragma once

#include "common/slice.h"

#include <librdkafka/rdkafka.h>
#include <stdint.h>

/* Ends the program when there can be none. */
rd_kafka_t *producer_new(const char *brokers, const char *linger_ms,
                         void (*delivered)(rd_kafka_t *, const rd_kafka_message_t *, void *opaque),
                         void *opaque);

/* A record as the gateway sends it, with a key and the headers als.id, als.tenant, als.source. */
struct produced {
    struct slice key, value, tenant;
    uint64_t run, n; /* make the id: no two are alike while runs begin at different nanoseconds */
    void *opaque;    /* what `delivered` finds in _private */
};

/* Sends a copy. Returns NULL, or why not, which the caller owns. */
rd_kafka_error_t *producer_send(rd_kafka_t *producer, rd_kafka_topic_t *topic,
                                const struct produced *r);

/* For `run`: now, in nanoseconds since 1970. */
uint64_t producer_run(void);
