/* SPDX-License-Identifier: MIT */
/* reader.h - looks into topics from places of its own choosing; a member of no group. One thread,
 * short-lived: made for a question, freed after the answer. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"

#include <librdkafka/rdkafka.h>

struct reader;

enum { READER_ANSWER_MS = 5000 };

enum reader_view {
    READ_COMMITTED,   /* stops before the first open transaction */
    READ_UNCOMMITTED, /* sees all, also what may yet be aborted */
};

enum result reader_new(const struct settings *settings, enum reader_view view, struct reader **ret,
                       struct err *err);
void reader_free(struct reader *r);
DEFINE_AUTO(reader)

/* First offset, and one past the last, of one partition. */
enum result reader_bounds(struct reader *r, const char *topic, int32_t partition, int64_t *ret_low,
                          int64_t *ret_high, struct err *err);
/* For each of `places`, whose offset holds a time in ms: the offset of the first record of that
 * time or later, or RD_KAFKA_OFFSET_END. */
enum result reader_times(struct reader *r, rd_kafka_topic_partition_list_t *places,
                         struct err *err);

/* Begins to read at the offsets in `places`. */
enum result reader_start(struct reader *r, const rd_kafka_topic_partition_list_t *places,
                         struct err *err);
/* The next record, or NULL with OK when there was none within `timeout_ms`. A message with
 * err == RD_KAFKA_RESP_ERR__PARTITION_EOF says that its `offset` is as far as one can see. The
 * caller destroys it. Trouble that passes is not reported: set yourself a time. */
rd_kafka_message_t *reader_poll(struct reader *r, int timeout_ms);
/* See consumer_wake. */
bool reader_wake(struct reader *r, const char *topic, int32_t partition, int64_t next);
