/* SPDX-License-Identifier: MIT */
/* kafka_conf.h - librdkafka configurations that keep the service's promises.
 *
 * Order: our defaults, the operator's KAFKA_PROPERTY_…, then what the promises rest on, which
 * an operator cannot change (such a KAFKA_PROPERTY_ is refused at start). */
#pragma once

#include "common/err.h"
#include "common/settings.h"

#include <librdkafka/rdkafka.h>

/* One name and value, refused text in `err` as FATAL. */
enum result kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                           struct err *err);

/* Where the brokers are and how they are spoken to, for a client that neither produces records of
 * ours nor is in a group: topics, metadata, watermarks. */
enum result kafka_conf_admin(const struct settings *settings, rd_kafka_conf_t **ret,
                             struct err *err);

/* acks=all, idempotent, murmur2_random, message.max.bytes 8 MiB, lz4, bounded queue
 * (settings->queue_bytes). The caller adds what is its own (delivery report event, linger,
 * transactional.id), then hands the conf to rd_kafka_new, which takes it on success only. */
enum result kafka_conf_producer(const struct settings *settings, rd_kafka_conf_t **ret,
                                struct err *err);

/* read_committed, auto.offset.reset=error, no automatic commits or offset storing, range assignor,
 * bounded fetch buffers, group.id = `group`. `group.instance.id` is settings->instance_id when
 * `is_static`. */
enum result kafka_conf_consumer(const struct settings *settings, const char *group, bool is_static,
                                rd_kafka_conf_t **ret, struct err *err);

/* Checks every KAFKA_PROPERTY_ against librdkafka: FATAL for --check-config and exit 78. */
enum result kafka_conf_check(const struct settings *settings, struct err *err);
