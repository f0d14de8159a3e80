/* SPDX-License-Identifier: MIT */
/* inserter.h - inserts a batch through two connections at once: the store works on one command at a
 * time for each connection, and waiting for it is most of an insert.
 *
 * Two documents of one _id go the same way, in their order, so the first of them still wins. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "indexer/refusal.h"

#include <bson/bson.h>

/* store_insert, or a test's. */
typedef enum result insert_fn(void *ctx, const bson_t *const *docs, size_t count,
                              struct refusals *refused, struct err *err);

struct inserter;

/* `mine` is used by the caller's thread, `other` by a thread of the inserter's own; both borrowed.
 */
enum result inserter_new(insert_fn *insert, void *mine, void *other, struct inserter **ret,
                         struct err *err);
void inserter_free(struct inserter *in);
DEFINE_AUTO(inserter)

/* As store_insert; at most BATCH_ENTRIES documents. After RETRY some may be stored. */
enum result inserter_insert(struct inserter *in, const bson_t *const *docs, size_t count,
                            struct refusals *refused, struct err *err);
