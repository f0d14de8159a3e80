/* SPDX-License-Identifier: MIT */
/* shards.h - what one run of one partition has counted. Pure.
 *
 * A bucket is (tenant, window, start, service, action). What is in memory is our shard of it,
 * named after the first event in it; a bucket that is not in memory just gets a new shard, so
 * forgetting one is never wrong, as long as it happens between transactions.
 *
 * Every event is added to its minute, its hour and its day alike, so one record per changed
 * minute says it all. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "schemas/stats.h"

struct shards;

struct shards_event {
    struct slice tenant, service, action;
    enum severity severity;
    enum outcome outcome;
    int64_t timestamp_ms;
    int64_t offset, append_ms; /* its place in the raw topic, which names new shards */
};

struct shards *shards_new(int32_t partition, size_t max_buckets);
void shards_free(struct shards *s);
DEFINE_AUTO(shards)

void shards_count(struct shards *s, const struct shards_event *event);

/* Hands each minute that changed since the last call to `emit`, once. The views live for the
 * call. Anything but OK ends it with that result; then the shards are good for nothing but
 * shards_free. */
typedef enum result shards_emit_fn(void *ctx, const struct stats_bucket *bucket, struct err *err);
enum result shards_emit(struct shards *s, shards_emit_fn *emit, void *ctx, struct err *err);

/* Forgets the least recently used buckets of each window beyond a third of `max_buckets`. Only
 * after a commit. */
void shards_trim(struct shards *s);

size_t shards_open(const struct shards *s); /* buckets in memory */
