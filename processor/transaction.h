/* SPDX-License-Identifier: MIT */
/* transaction.h - a producer whose records appear together with the offsets they came of, or not at
 * all. One thread.
 *
 * There is one way out of trouble: whatever goes wrong, free it and make another, which ends what
 * the old one left open. A commit whose outcome is unknown is never asked for again: it might end
 * a later transaction (KAFKA-17754). */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/kafka_topics.h"
#include "common/metrics.h"
#include "common/settings.h"
#include "common/slice.h"

#include <librdkafka/rdkafka.h>

struct transaction;

/* A record to be sent. */
struct outgoing {
    enum topic topic;
    int32_t partition; /* RD_KAFKA_PARTITION_UA: by key */
    int64_t timestamp_ms;
    struct slice key, value;     /* copied */
    rd_kafka_headers_t *headers; /* taken in every case; NULL: none */
    int32_t from_partition;      /* the raw record that it came of; -1: of many */
    int64_t from_offset;
};

/* An output that Kafka refused for what it is, whatever the time. */
struct refused_output {
    int32_t partition;
    int64_t offset;
    bool dead_letter;
};

/* Fences every older producer of this INSTANCE_ID and ends its transaction. RETRY: Kafka does not
 * answer, or not yet. FATAL: the settings are not possible. */
enum result transaction_new(const struct settings *settings, struct metrics *metrics,
                            struct transaction **ret, struct err *err);
void transaction_free(struct transaction *t); /* an open transaction is left to be aborted */
DEFINE_AUTO(transaction)

enum result transaction_begin(struct transaction *t, struct err *err);
/* REJECT: too large for our own settings, and not sent. RETRY: unwind. */
enum result transaction_send(struct transaction *t, const struct outgoing *out, struct err *err);
/* `offsets` of `consumer`'s group, under its membership as of now. RETRY: not committed, or
 * unknown. */
enum result transaction_commit(struct transaction *t, rd_kafka_t *consumer,
                               const rd_kafka_topic_partition_list_t *offsets, struct err *err);

bool transaction_is_open(const struct transaction *t);
int64_t transaction_age_ms(const struct transaction *t); /* since it was begun */
size_t transaction_bytes(const struct transaction *t);   /* sent in the open one */
/* The nth output refused so far; false past the last. Not all are kept. */
bool transaction_refused(const struct transaction *t, size_t nth, struct refused_output *ret);
