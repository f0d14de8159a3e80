/* SPDX-License-Identifier: MIT */
/* consumer.h - the indexer's side of Kafka: records of both topics with their positions, pausing,
 * committing, lag. One thread. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "indexer/batch.h"
#include "indexer/meters.h"

#include <librdkafka/rdkafka.h>

struct consumer;

struct consumer_events {
    void *ctx;
    void (*revoked)(void *ctx, bool lost);         /* of all partitions; `lost`: commit nothing */
    void (*ended)(void *ctx, struct position end); /* nothing is left before it */
};

/* `events` is copied, `meters` borrowed until _free. */
enum result consumer_new(const struct settings *settings, const struct consumer_events *events,
                         struct meters *meters, struct consumer **ret, struct err *err);
void consumer_free(struct consumer *c); /* no events come of it */
DEFINE_AUTO(consumer)

/* As kafka_source_poll, with the record's place. */
enum result consumer_poll(struct consumer *c, int timeout_ms, rd_kafka_message_t **ret,
                          struct position *ret_at, struct err *err);

/* Stops or resumes fetching, of whatever is assigned. */
void consumer_pause(struct consumer *c, bool pause);
/* `ends` are resolved. With `wait`, returns when Kafka has them, or after 3 s. */
void consumer_commit(struct consumer *c, const struct position *ends, size_t count, bool wait);
/* Asks Kafka, within a second, whether it is there. RETRY: it is not. */
enum result consumer_probe(struct consumer *c, struct err *err);
/* How far what is committed lags behind the topics' ends. */
void consumer_measure_lag(struct consumer *c);
