/* SPDX-License-Identifier: MIT */
/* store.h - the document store, as the indexer uses it. With outcome.h all that knows the driver.
 *
 * Every call is bounded in time and belongs to one thread. RETRY: the store did not answer, or
 * does not serve now; what was asked may have been done or not. All that it refuses one by one
 * comes back in `struct refusals` (cleared first), with the store's own code. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "common/slice.h"
#include "indexer/refusal.h"

#include <bson/bson.h>

enum collection {
    COLLECTION_LOGS,
    COLLECTION_STATS,
    COLLECTION_TOTALS,
    COLLECTION_PIPELINE,
    COLLECTION_REJECTS,
    COLLECTION_COUNT
};

/* Can MONGO_URI be read? FATAL: no. */
enum result store_check(const struct settings *settings, struct err *err);

struct store;

/* Connects to nothing yet. FATAL as store_check. */
enum result store_new(const struct settings *settings, struct store **ret, struct err *err);
void store_free(struct store *s);
DEFINE_AUTO(store)

enum result store_ping(struct store *s, struct err *err);

/* Does it take writes? Changes one document of its own in `pipeline`. */
enum result store_probe(struct store *s, struct err *err);

/* What is to become of one document, borrowed. `update` is upserted on the one that `doc` matches;
 * without an update `doc` is inserted as it is. */
struct change {
    const bson_t *doc, *update;
};

/* Changes that are all inserts or all upserts, in no order, acknowledged by a majority's journal.
 * OK: all but `refused` are done. */
enum result store_write(struct store *s, enum collection c, const struct change *changes,
                        size_t count, struct refusals *refused, struct err *err);

/* Gets each document that is found, borrowed for the call. */
struct store_found {
    void (*doc)(void *ctx, const bson_t *doc);
    void *ctx;
};

/* Appends to an array of _id, for what follows. */
void store_add_id(bson_t *ids, size_t place, struct slice id);

/* The _id, src and hash of each stored log among `ids`, an array of _id. */
enum result store_find_logs(struct store *s, const bson_t *ids, const struct store_found *found,
                            struct err *err);

/* Calls `found` with _id and positions of each total among `ids`, as a majority of the store's
 * members has it: what that says will not be taken back. */
enum result store_find_positions(struct store *s, const bson_t *ids,
                                 const struct store_found *found, struct err *err);

/* Deletes the documents whose _id is among `ids`, an array. */
enum result store_delete(struct store *s, enum collection c, const bson_t *ids, struct err *err);

/* The documents that fit, at most `limit`. */
enum result store_find(struct store *s, enum collection c, const bson_t *filter, int64_t limit,
                       const struct store_found *found, struct err *err);

/* Changes the one document that `selector` names, if it is there. */
enum result store_update(struct store *s, enum collection c, const bson_t *selector,
                         const bson_t *update, struct err *err);

/* Creates what is missing of a collection's indexes: `indexes` is an array as createIndexes
 * takes it. REJECT: the store will not have them, as when one of that name differs. */
enum result store_create_indexes(struct store *s, enum collection c, const bson_t *indexes,
                                 struct err *err);
