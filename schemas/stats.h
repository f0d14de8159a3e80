/* SPDX-License-Identifier: MIT */
/* stats.h - the record of the stats topic. Two kinds: a bucket's change, and a transaction's
 * meters per tenant. The format is contract section 3; the idea (sums over shards) is in
 * ARCHITECTURE.md. */
#pragma once

#include "common/auto.h"
#include "common/buf.h"
#include "common/err.h"
#include "schemas/record.h"

#include <stdint.h>

enum { CELL_COUNT = SEVERITY_COUNT * OUTCOME_COUNT };

/* Severity by outcome. */
struct cells {
    uint64_t n[CELL_COUNT];
};

static inline size_t cell_of(enum severity s, enum outcome o)
{
    return (size_t)s * OUTCOME_COUNT + (size_t)o;
}
const char *cell_name(size_t cell); /* "info_success" … */
bool cell_parse(struct slice name, size_t *ret);
uint64_t cells_total(const struct cells *c);
void cells_add(struct cells *into, const struct cells *more);

enum window { WINDOW_MINUTE, WINDOW_HOUR, WINDOW_DAY, WINDOW_COUNT };
const char *window_name(enum window w);          /* "minute" … */
int64_t window_start(enum window w, int64_t ms); /* UTC; right for times before 1970 too */
int64_t window_length_ms(enum window w);

/* The part of one bucket that one run of one partition counted, absolute. */
struct stats_shard {
    int64_t start_ms, first_ms, last_ms; /* window start; least and greatest event timestamp */
    struct slice shard;                  /* partition:offset:appendTime of its first event */
    struct cells cells;
};

struct stats_bucket {
    struct slice tenant, service, action;
    struct cells delta; /* since this minute shard's last record */
    struct stats_shard windows[WINDOW_COUNT];
};

struct stats_meta {
    struct slice tenant;
    uint64_t processed, rejected, duplicates; /* deltas */
    int64_t watermark_ms; /* everything received (LogAppendTime) up to here has been counted by this
                             partition set */
};

/* key: tenant|minute|service|action|shard */
void stats_bucket_key(struct buf *out, const struct stats_bucket *b);
void stats_bucket_write(struct buf *out, const struct stats_bucket *b);
void stats_meta_write(struct buf *out, const struct stats_meta *m);

enum stats_kind { STATS_BUCKET, STATS_META };

/* A record read back. Owns its memory; reusable. */
struct stats_record;
struct stats_record *stats_record_new(void);
void stats_record_free(struct stats_record *r);
DEFINE_AUTO(stats_record)

/* REJECT when it is not a stats record. The views live until the next read or free. */
enum result stats_record_read(struct stats_record *r, struct slice json, enum stats_kind *ret_kind,
                              struct err *err);
const struct stats_bucket *stats_record_bucket(const struct stats_record *r);
const struct stats_meta *stats_record_meta(const struct stats_record *r);
