/* SPDX-License-Identifier: MIT */
/* feeds.h - the partitions whose records go into the counters, each with the slice of it that is
 * being added up. Pure. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "processor/tally.h"

enum feed_kind { FEED_STATS, FEED_ENRICHED };

enum {
    FEED_RECORDS = 1000, /* a slice is full at so many records, */
    FEED_ENTRIES = 8000, /* or so many changes: Redis is busy for a few ms with it */
    FEED_FIELD_MAX = 280,
};

struct feed {
    enum feed_kind kind;
    int32_t partition;
    char field[FEED_FIELD_MAX]; /* of the position hash: topic:partition */
    int64_t expected;           /* where Redis is; -1: nowhere */
    int64_t next;               /* where the slice ends; -1: it has not begun */
    size_t records, rejected;   /* in the slice; rejected: of them, passed over */
    struct tally *tally;
};

struct feeds;

struct feeds *feeds_new(void);
void feeds_free(struct feeds *f);
DEFINE_AUTO(feeds)

void feeds_clear(struct feeds *f);
struct feed *feeds_add(struct feeds *f, enum feed_kind kind, const char *topic, int32_t partition);
size_t feeds_count(const struct feeds *f);
struct feed *feeds_at(struct feeds *f, size_t nth);
struct feed *feeds_find(struct feeds *f, const char *topic, int32_t partition); /* or NULL */

/* Begins at `expected`, with an empty slice. */
void feed_begin(struct feed *feed, int64_t expected);
bool feed_is_full(const struct feed *feed);
void feed_applied(struct feed *feed); /* Redis has it: the next slice begins behind it */

struct erasures;
struct stats_record;

/* Adds one record to the slice. REJECT: it is not one of ours, and is passed over. `reader` is
 * scratch; `now_ms` is what updatedAt shows. */
struct feed_record {
    struct slice value;
    int64_t offset, record_ms, now_ms;
    const struct erasures *erasures; /* NULL: none */
};
enum result feed_take(struct feed *feed, struct stats_record *reader,
                      const struct feed_record *record, struct err *err);
/* There is nothing before `offset` that could still be read. */
void feed_reach(struct feed *feed, int64_t offset);
