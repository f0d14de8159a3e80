/* SPDX-License-Identifier: MIT */
/* kafka_producer.h - a producer of whole records whose delivery reports are called back. It is
 * configured by kafka_conf_producer, and keeps its promises. */
#pragma once

#include "common/err.h"
#include "common/settings.h"
#include "common/slice.h"

#include <librdkafka/rdkafka.h>

typedef void kafka_delivered(rd_kafka_t *producer, const rd_kafka_message_t *m, void *opaque);

/* A record that is not acknowledged within `message_timeout_ms` is reported as failed. Reports come
 * from rd_kafka_poll, on its caller's thread. */
enum result kafka_producer_new(const struct settings *settings, const char *message_timeout_ms,
                               kafka_delivered *delivered, void *opaque, rd_kafka_t **ret,
                               struct err *err);
/* Gives up what is not acknowledged. NULL is fine. */
void kafka_producer_free(rd_kafka_t *producer);

/* Queues a copy. Takes `headers`, also when it fails. */
rd_kafka_resp_err_t kafka_producer_send(rd_kafka_t *producer, const char *topic, int32_t partition,
                                        struct slice key, struct slice value,
                                        rd_kafka_headers_t *headers);
