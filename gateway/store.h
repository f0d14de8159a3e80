/* SPDX-License-Identifier: MIT */
/* store.h - the document store as the gateway uses it: MongoDB, or what speaks its protocol.
 *
 * Every call blocks, never on a loop's thread, and ends in bounded time: server selection 2 s,
 * waiting for a connection 1 s, each operation its own time limit. Thread-safe.
 *
 * Results: RETRY, the store is away or failed; REJECT, it did not finish within `limit_ms`. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"

#include <bson/bson.h>

struct store;

/* Connects when first used. FATAL: MONGO_URI is no such address. */
enum result store_new(const struct settings *settings, struct store **ret, struct err *err);
void store_free(struct store *s);
DEFINE_AUTO(store)

/* Is it there? While the last ping failed, store_read fails at once instead of waiting for a server
 * that is known to be away; so call it about every second. */
enum result store_ping(struct store *s, struct err *err);
bool store_is_away(const struct store *s);

/* Gets each document of an answer, borrowed for the call, until it returns false. */
struct store_rows {
    bool (*add)(void *ctx, const bson_t *doc);
    void *ctx;
};

/* A find, or, when `pipeline` is not NULL, an aggregation. Documents are borrowed. */
struct store_query {
    const char *collection;
    const bson_t *filter;   /* of the find */
    const bson_t *sort;     /* of the find; NULL: as they come */
    const bson_t *fields;   /* of the find: its projection; NULL: whole documents */
    int64_t skip, limit;    /* of the find; limit 0: none */
    uint32_t batch;         /* of the find: documents in a reply; 0: the store's choice */
    const bson_t *pipeline; /* an array of stages */
    const bson_t *hint;     /* the index to take, by its keys; NULL: the store's choice. Passed over
                               while there is no such index, as before the indexer's first start */
    int64_t limit_ms;
};

enum result store_read(struct store *s, const struct store_query *query,
                       const struct store_rows *rows, struct err *err);

enum store_verb { STORE_INSERT, STORE_UPDATE, STORE_UPSERT, STORE_DELETE };

/* One write, acknowledged by a majority and its journal. Documents are borrowed. */
struct store_write {
    const char *collection;
    enum store_verb verb;
    const bson_t *filter; /* which documents; not of an insert */
    const bson_t *change; /* what to insert, or an update ({$set: …}); not of a delete */
    bool many;            /* update or delete all that match, not just one */
    bool stages;          /* `change` is an array of an update's stages */
    int64_t limit_ms;
};

/* `ret_count` (NULL is fine): documents inserted, matched by the update, upserted or deleted.
 * REJECT also means that an insert found its `_id` taken. */
enum result store_write(struct store *s, const struct store_write *write, int64_t *ret_count,
                        struct err *err);
