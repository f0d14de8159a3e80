/* SPDX-License-Identifier: MIT */
/* position.h - where a partition of the raw topic goes on, and whether that is still the same
 * topic.
 *
 * Each commit carries the append time of the last record in it. When the record before the
 * committed offset has another time, or is not there, the partition was deleted and made again, or
 * cut short by its broker. What has not been counted is then what was appended later than that
 * time, in both cases: a new topic's first record, or the first record after the cut. */
#pragma once

#include "common/err.h"
#include "common/settings.h"

#include <librdkafka/rdkafka.h>

enum position_kind {
    POSITION_COMMITTED, /* as the group left it */
    POSITION_NONE,      /* the group has never committed, or its offsets are gone */
    POSITION_REPLACED,  /* not the topic that the group knew: begins at what is newer */
    POSITION_EXPIRED,   /* records were deleted unread: begins at the first that is left */
};

struct position {
    int32_t partition;
    enum position_kind kind;
    int64_t offset;    /* where to begin; with POSITION_NONE the first offset there is */
    int64_t append_ms; /* of the last record counted; -1: unknown */
    int64_t lost;      /* records deleted unread */
};

/* Step 1: what the group has committed; waits for a predecessor's open transaction. `consumer` must
 * be read_committed. Fills `ret` in the order of `partitions`. */
enum result position_committed(rd_kafka_t *consumer,
                               const rd_kafka_topic_partition_list_t *partitions,
                               struct position *ret, struct err *err);

/* Compares the `count` positions with what is in the topic, and moves those that do not fit.
 * FATAL: no good place to begin at, with the cure. */
enum result position_settle(const struct settings *settings, struct position *positions,
                            size_t count, struct err *err);

/* What commits are to carry; free() it. */
char *position_note(int64_t append_ms);
