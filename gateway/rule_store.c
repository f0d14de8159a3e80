/* SPDX-License-Identifier: MIT */
#include "gateway/rule_store.h"

#include "common/clock.h"

static bool keep(void *ctx, const bson_t *doc)
{
    *(bson_t **)ctx = bson_copy(doc);
    return false;
}

enum result rule_store_find(struct store *s, const char *collection, const bson_t *filter,
                            bson_t **ret, struct err *err)
{
    const struct store_query query = {
        .collection = collection, .filter = filter, .limit = 1, .limit_ms = RULE_OPERATION_MS};
    const struct store_rows rows = {keep, ret};

    *ret = NULL;
    return store_read(s, &query, &rows, err);
}

enum result rule_store_find_id(struct store *s, const char *collection, const char *id,
                               bson_t **ret, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_UTF8(&filter, "_id", id);
    result = rule_store_find(s, collection, &filter, ret, err);
    bson_destroy(&filter);
    return result;
}

static enum result set(struct store *s, const char *collection, const bson_t *filter,
                       const bson_t *fields, int64_t *ret_count, struct err *err)
{
    bson_t change = BSON_INITIALIZER;
    const struct store_write write = {.collection = collection,
                                      .verb = STORE_UPDATE,
                                      .filter = filter,
                                      .change = &change,
                                      .limit_ms = RULE_OPERATION_MS};
    enum result result;

    *ret_count = 0;
    BSON_APPEND_DOCUMENT(&change, "$set", fields);
    result = store_write(s, &write, ret_count, err);
    bson_destroy(&change);
    return result;
}

/* --- the version --- */

/* A store that was wiped begins with the seconds since 1970, and so beyond what Redis remembers of
 * the one before. */
static enum result read_version(struct store *s, int64_t *ret, struct err *err)
{
    bson_t *doc, first = BSON_INITIALIZER;
    const struct store_write insert = {.collection = SETTINGS_COLLECTION,
                                       .verb = STORE_INSERT,
                                       .change = &first,
                                       .limit_ms = RULE_OPERATION_MS};
    enum result result = rule_store_find_id(s, SETTINGS_COLLECTION, RULES_VERSION_ID, &doc, err);

    *ret = doc ? rule_document_number(doc, "version") : clock_wall_ms() / 1000;
    if (result == OK && !doc) {
        BSON_APPEND_UTF8(&first, "_id", RULES_VERSION_ID);
        BSON_APPEND_INT64(&first, "version", *ret);
        result = store_write(s, &insert, NULL, err);
        if (result == REJECT) /* another was faster */
            result = OK;
    }
    bson_destroy(doc);
    bson_destroy(&first);
    return result;
}

static enum result set_version(struct store *s, const char *collection, const bson_t *filter,
                               int64_t version, int64_t *ret_count, struct err *err)
{
    bson_t fields = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_INT64(&fields, "version", version);
    result = set(s, collection, filter, &fields, ret_count, err);
    bson_destroy(&fields);
    return result;
}

/* From `from` to the next, if nobody else has done so. */
static enum result advance(struct store *s, int64_t from, bool *ret_done, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    int64_t count;
    enum result result;

    BSON_APPEND_UTF8(&filter, "_id", RULES_VERSION_ID);
    BSON_APPEND_INT64(&filter, "version", from);
    result = set_version(s, SETTINGS_COLLECTION, &filter, from + 1, &count, err);
    bson_destroy(&filter);
    *ret_done = count > 0;
    return result;
}

static enum result mark_rule(struct store *s, const char *id, int64_t version, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    int64_t count;
    enum result result;

    BSON_APPEND_UTF8(&filter, "_id", id);
    result = set_version(s, RULES_COLLECTION, &filter, version, &count, err);
    bson_destroy(&filter);
    return result;
}

enum result rule_store_publish(struct store *s, const char *rule_id, int64_t *ret_version,
                               struct err *err)
{
    enum result result = OK;
    int64_t version = 0;

    for (bool done = false; result == OK && !done;) {
        result = read_version(s, &version, err);
        if (result == OK && rule_id)
            result = mark_rule(s, rule_id, version + 1, err);
        if (result == OK)
            result = advance(s, version, &done, err);
    }
    *ret_version = version + 1;
    return result;
}

/* --- the lease --- */

/* {_id, state, $or: [{leaseUntil: null}, {leaseUntil: {$lt: now}}, {leaseOwner: me}]} */
static void match_lease(bson_t *filter, const struct rule_lease *lease, int64_t now_ms)
{
    bson_t either, one, before;

    BSON_APPEND_UTF8(filter, "_id", lease->id);
    BSON_APPEND_UTF8(filter, "state", lease->state);
    BSON_APPEND_ARRAY_BEGIN(filter, "$or", &either);
    BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &one);
    BSON_APPEND_NULL(&one, "leaseUntil");
    bson_append_document_end(&either, &one);
    BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &one);
    BSON_APPEND_DOCUMENT_BEGIN(&one, "leaseUntil", &before);
    BSON_APPEND_DATE_TIME(&before, "$lt", now_ms);
    bson_append_document_end(&one, &before);
    bson_append_document_end(&either, &one);
    BSON_APPEND_DOCUMENT_BEGIN(&either, "2", &one);
    BSON_APPEND_UTF8(&one, "leaseOwner", lease->owner);
    bson_append_document_end(&either, &one);
    bson_append_array_end(filter, &either);
}

enum result rule_store_set(struct store *s, const struct rule_lease *lease, const bson_t *fields,
                           bool *ret_ours, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, all = BSON_INITIALIZER;
    int64_t now_ms = clock_wall_ms(), count;
    enum result result;

    match_lease(&filter, lease, now_ms);
    BSON_APPEND_UTF8(&all, "leaseOwner", lease->owner);
    BSON_APPEND_DATE_TIME(&all, "leaseUntil", now_ms + RULE_LEASE_MS);
    BSON_APPEND_DATE_TIME(&all, "updatedAt", now_ms);
    if (fields)
        bson_concat(&all, fields);
    result = set(s, RULES_COLLECTION, &filter, &all, &count, err);
    bson_destroy(&filter);
    bson_destroy(&all);
    *ret_ours = count > 0;
    return result;
}
