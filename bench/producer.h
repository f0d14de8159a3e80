/* SPDX-License-Identifier: MIT */
/* producer.h - the producer of the programs that make load: idempotent, acks=all, lz4, as the
 * gateway's is. */
#pragma once

#include <librdkafka/rdkafka.h>

/* Ends the program when there can be none. */
rd_kafka_t *producer_new(const char *brokers, const char *linger_ms,
                         void (*delivered)(rd_kafka_t *, const rd_kafka_message_t *, void *opaque),
                         void *opaque);
