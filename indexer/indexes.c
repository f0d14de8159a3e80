/* SPDX-License-Identifier: MIT */
#include "indexer/indexes.h"

/* Every query is of one tenant and newest first, so the tenant leads and (timestamp, _id) closes
 * each index: a page is then one range of it, wherever its cursor stands. One index per filter
 * that clients of the first version use, since each costs insert rate; and one for each filter that
 * picks a few logs out of many, which only those records pay for that have such a member (measured
 * on DocumentDB: nothing without, a fifth more per index with it). */
static const struct index {
    const char *keys[5]; /* "-timestamp": descending; "?sessionId": covers only what has one */
    enum collection collection;
    bool expires;
} indexes[] = {
    {{"tenant", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"tenant", "service", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"tenant", "action", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"tenant", "userId", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"tenant", "severity", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"tenant", "?resource.id", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"tenant", "?sessionId", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"tenant", "?requestId", "-timestamp", "-_id"}, COLLECTION_LOGS, false},
    {{"expireAt"}, COLLECTION_LOGS, true},
    {{"tenant", "window", "start", "service"}, COLLECTION_STATS, false},
    {{"expireAt"}, COLLECTION_STATS, true},
    {{"tenant", "window", "start"}, COLLECTION_TOTALS, false},
    {{"expireAt"}, COLLECTION_TOTALS, true},
    {{"tenant", "-at", "-_id"}, COLLECTION_REJECTS, false},
    {{"state"}, COLLECTION_REJECTS, false}, /* the few that are to be replayed */
    {{"expireAt"}, COLLECTION_REJECTS, true},
};

/* partialFilterExpression: {sessionId: {$exists: true}} */
static void append_covered(bson_t *out, const char *field)
{
    bson_t covered, exists;

    BSON_APPEND_DOCUMENT_BEGIN(out, "partialFilterExpression", &covered);
    BSON_APPEND_DOCUMENT_BEGIN(&covered, field, &exists);
    BSON_APPEND_BOOL(&exists, "$exists", true);
    bson_append_document_end(&covered, &exists);
    bson_append_document_end(out, &covered);
}

/* {key: {tenant: 1, timestamp: -1, …}, name: "tenant_1_timestamp_-1_…"} */
static void describe(const struct index *index, bson_t *out)
{
    char name[128] = "";
    const char *only_with = NULL;
    size_t len = 0;
    bson_t key;

    BSON_APPEND_DOCUMENT_BEGIN(out, "key", &key);
    for (size_t i = 0; i < sizeof index->keys / sizeof index->keys[0] && index->keys[i]; i++) {
        bool down = index->keys[i][0] == '-', partial = index->keys[i][0] == '?';
        const char *field = index->keys[i] + (down || partial ? 1 : 0);

        if (partial)
            only_with = field;
        bson_append_int32(&key, field, -1, down ? -1 : 1);
        len += (size_t)snprintf(name + len, sizeof name - len, "%s%s_%s", i ? "_" : "", field,
                                down ? "-1" : "1");
    }
    bson_append_document_end(out, &key);
    BSON_APPEND_UTF8(out, "name", name);
    if (index->expires)
        BSON_APPEND_INT32(out, "expireAfterSeconds", 0);
    if (only_with)
        append_covered(out, only_with);
}

static enum result ensure_one(struct store *store, const struct index *index, struct err *err)
{
    bson_t list = BSON_INITIALIZER, item;
    enum result result;

    BSON_APPEND_DOCUMENT_BEGIN(&list, "0", &item);
    describe(index, &item);
    bson_append_document_end(&list, &item);
    result = store_create_indexes(store, index->collection, &list, err);
    bson_destroy(&list);
    return result;
}

enum result indexes_ensure(struct store *store, struct err *err)
{
    enum result worst = OK;

    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
        struct err why;
        enum result result = ensure_one(store, &indexes[i], &why);

        if (result != OK)
            *err = why;
        if (result == RETRY)
            return RETRY;
        if (result != OK)
            worst = result;
    }
    return worst;
}
