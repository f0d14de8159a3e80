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

/* Sends a copy of a record as the gateway sends it: keyed, and with the headers als.id, als.tenant
 * and als.source. run and n make the id, of which no two are alike while runs begin at different
 * nanoseconds; opaque is what `delivered` finds in _private. Returns NULL or why not, the caller's.
 */
rd_kafka_error_t *producer_send(rd_kafka_t *producer, rd_kafka_topic_t *topic, struct slice key,
                                struct slice value, struct slice tenant, uint64_t run, uint64_t n,
                                void *opaque);

/* For `run`: now, in nanoseconds since 1970. */
uint64_t producer_run(void);
