/* SPDX-License-Identifier: MIT */
/* stats_document.h - what a batch of stats records changes in the store. Pure.
 *
 * DESIGN. A shard's cells are absolute and only grow, and so does a watermark. So of all the
 * records about one shard in a batch, in whatever order and however often they come, the greatest
 * cells say it all; and in the store `$max` merges them with what other writers, zombies included,
 * wrote or will write. Nothing needs to be read first, and no write can take a count back.
 *
 * Most shards of scattered events have one record only. An insert costs the store a fifth of an
 * upsert, so a shard whose first record is here is inserted; should its _id be taken, by another
 * writer or by this one before, it is upserted as all others. */
#pragma once

#include "common/auto.h"
#include "schemas/stats.h"

#include <bson/bson.h>

struct stats_merge;

struct stats_merge *stats_merge_new(void);
void stats_merge_free(struct stats_merge *m);
DEFINE_AUTO(stats_merge)
void stats_merge_clear(struct stats_merge *m); /* keeps the memory */

/* The three shards of a record. */
void stats_merge_add(struct stats_merge *m, const struct stats_bucket *b);
/* How many shards, and how to write one: an upsert of `update` on `selector`, two empty documents
 * that are filled. */
size_t stats_merge_count(const struct stats_merge *m);
void stats_merge_update(const struct stats_merge *m, size_t i, bson_t *selector, bson_t *update);

/* Is its first record among these? Then this is the whole document, to be inserted. */
bool stats_merge_is_first(const struct stats_merge *m, size_t i);
void stats_merge_document(const struct stats_merge *m, size_t i, bson_t *doc);
/* What became of that: nothing is left to be done, or it is to be upserted after all. */
void stats_merge_inserted(struct stats_merge *m, size_t i, bool is_stored);
bool stats_merge_is_stored(const struct stats_merge *m, size_t i);

/* expireAt: when what is counted of a window goes; days have none. */
void stats_append_expiry(bson_t *out, enum window w, int64_t start_ms);

/* The same for the watermark of a tenant in one partition. */
void watermark_update(struct slice tenant, int32_t partition, int64_t watermark_ms,
                      bson_t *selector, bson_t *update);
