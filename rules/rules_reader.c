/* SPDX-License-Identifier: MIT */
#include "rules/rules_reader.h"

#include "common/clock.h"
#include "common/mem.h"
#include "rules/rule_document.h"

#include <mongoc/mongoc.h>
#include <stdlib.h>

enum {
    SELECTION_MS = 2000,
    CONNECT_MS = 2000,
    SOCKET_MS = 5000,
    HEARTBEAT_MS = 1000,
    LIMIT_MS = 4000
};

/* A deletion is needed for as long as a record from before it can come once more: the raw topic
 * keeps 7 days, the enriched one 9. */
static const int64_t DELETION_MS = 17LL * 86400 * 1000;

struct rules_reader {
    mongoc_client_pool_t *pool; /* whose monitor sees a store that is back within HEARTBEAT_MS */
    mongoc_client_t *client;
    mongoc_collection_t *rules_collection, *settings_collection;
    int64_t days;
    struct rules *rules;
};

static void set_default(mongoc_uri_t *uri, const char *option, int32_t value)
{
    if (!mongoc_uri_has_option(uri, option))
        mongoc_uri_set_option_as_int32(uri, option, value);
}

static enum result connect_pool(struct rules_reader *r, const struct settings *settings,
                                struct err *err)
{
    bson_error_t why;
    mongoc_uri_t *uri = mongoc_uri_new_with_error(settings->mongo_uri, &why);

    if (!uri)
        return err_set(err, FATAL, "MONGO_URI cannot be read: %s", why.message);
    set_default(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SELECTION_MS);
    set_default(uri, MONGOC_URI_CONNECTTIMEOUTMS, CONNECT_MS);
    set_default(uri, MONGOC_URI_SOCKETTIMEOUTMS, SOCKET_MS);
    set_default(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, HEARTBEAT_MS);
    r->pool = mongoc_client_pool_new_with_error(uri, &why);
    mongoc_uri_destroy(uri);
    return r->pool ? OK : err_set(err, FATAL, "MONGO_URI cannot be used: %s", why.message);
}

enum result rules_reader_new(const struct settings *settings, struct rules_reader **ret,
                             struct err *err)
{
    AUTO(rules_reader) r = mem_zalloc(sizeof *r);

    mongoc_init();
    r->days = settings->retention_days;
    if (connect_pool(r, settings, err) != OK)
        return FATAL;
    mongoc_client_pool_set_error_api(r->pool, MONGOC_ERROR_API_VERSION_2);
    r->client = mongoc_client_pool_pop(r->pool);
    r->rules_collection =
        mongoc_client_get_collection(r->client, settings->mongo_db_name, RULES_COLLECTION);
    r->settings_collection =
        mongoc_client_get_collection(r->client, settings->mongo_db_name, SETTINGS_COLLECTION);
    *ret = TAKE(r);
    return OK;
}

void rules_reader_free(struct rules_reader *r)
{
    if (!r)
        return;
    rules_free(r->rules);
    if (r->rules_collection)
        mongoc_collection_destroy(r->rules_collection);
    if (r->settings_collection)
        mongoc_collection_destroy(r->settings_collection);
    if (r->client)
        mongoc_client_pool_push(r->pool, r->client);
    if (r->pool)
        mongoc_client_pool_destroy(r->pool);
    free(r);
}

struct rules *rules_reader_rules(const struct rules_reader *r)
{
    return r->rules;
}

static enum result each(mongoc_collection_t *collection, const bson_t *filter,
                        void (*take)(void *ctx, const bson_t *doc), void *ctx, struct err *err)
{
    bson_t options = BSON_INITIALIZER;
    mongoc_cursor_t *cursor;
    bson_error_t why;
    const bson_t *doc;
    bool failed;

    BSON_APPEND_INT64(&options, "maxTimeMS", LIMIT_MS);
    cursor = mongoc_collection_find_with_opts(collection, filter, &options, NULL);
    while (mongoc_cursor_next(cursor, &doc))
        take(ctx, doc);
    failed = mongoc_cursor_error(cursor, &why);
    mongoc_cursor_destroy(cursor);
    bson_destroy(&options);
    return failed ? err_set(err, RETRY, "rules cannot be read: %s", why.message) : OK;
}

static void take_version(void *ctx, const bson_t *doc)
{
    *(int64_t *)ctx = rule_document_number(doc, "version");
}

static enum result read_version(struct rules_reader *r, int64_t *ret, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    int64_t version = 0;
    enum result result;

    BSON_APPEND_UTF8(&filter, "_id", RULES_VERSION_ID);
    result = each(r->settings_collection, &filter, take_version, &version, err);
    bson_destroy(&filter);
    *ret = version;
    return result;
}

static void take_rule(void *ctx, const bson_t *doc)
{
    rules_add(ctx, doc);
}

static enum result read_kind(mongoc_collection_t *collection, const char *kind, int64_t since_ms,
                             struct rules *into, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, after, other;
    enum result result;

    BSON_APPEND_UTF8(&filter, "kind", kind);
    if (since_ms) {
        BSON_APPEND_DOCUMENT_BEGIN(&filter, "createdAt", &after);
        BSON_APPEND_DATE_TIME(&after, "$gte", since_ms);
        bson_append_document_end(&filter, &after);
        BSON_APPEND_DOCUMENT_BEGIN(&filter, "state", &other);
        BSON_APPEND_UTF8(&other, "$ne", "cancelled");
        bson_append_document_end(&filter, &other);
    }
    result = each(collection, &filter, take_rule, into, err);
    bson_destroy(&filter);
    return result;
}

/* All anew: they are few, and seldom change. */
static enum result read_rules(struct rules_reader *r, int64_t version, struct err *err)
{
    AUTO(rules) rules = rules_new(version, r->days);
    enum result result = OK;

    if (version > 0) {
        result = read_kind(r->rules_collection, "erasure", 0, rules, err);
        if (result == OK)
            result = read_kind(r->rules_collection, "deletion", clock_wall_ms() - DELETION_MS,
                               rules, err);
        if (result == OK)
            result = read_kind(r->settings_collection, "retention-setting", 0, rules, err);
    }
    if (result != OK)
        return result;
    rules_free(r->rules);
    r->rules = TAKE(rules);
    return OK;
}

enum result rules_reader_refresh(struct rules_reader *r, struct err *err)
{
    int64_t version;
    enum result result = read_version(r, &version, err);

    if (result != OK || (r->rules && rules_version(r->rules) == version))
        return result;
    return read_rules(r, version, err);
}
