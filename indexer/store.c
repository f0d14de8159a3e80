/* SPDX-License-Identifier: MIT */
#include "indexer/store.h"

#include "common/mem.h"
#include "indexer/outcome.h"

#include <assert.h>
#include <mongoc/mongoc.h>
#include <stdlib.h>

enum { SELECTION_MS = 2000, CONNECT_MS = 2000, SOCKET_MS = 10000, HEARTBEAT_MS = 1000 };

static const char *const names[COLLECTION_COUNT] = {"logs", "stats", "totals", "pipeline",
                                                    "rejects"};

#define AUTO_BSON __attribute__((cleanup(bson_destroy))) bson_t

/* The pool is for its monitoring thread, which sees the store return within HEARTBEAT_MS; a lone
 * client waits five seconds before it looks again. */
struct store {
    mongoc_client_pool_t *pool;
    mongoc_client_t *client;
    mongoc_database_t *database;
    mongoc_collection_t *collections[COLLECTION_COUNT];
    bson_t bulk_opts;                /* unordered, durable */
    bson_t insert_opts, upsert_opts; /* of one document among others */
    bson_t durable;
    bson_t update_opts; /* durable */
};

static void set_default(mongoc_uri_t *uri, const char *option, int32_t value)
{
    if (!mongoc_uri_has_option(uri, option))
        mongoc_uri_set_option_as_int32(uri, option, value);
}

static void make_write_opts(struct store *s)
{
    mongoc_write_concern_t *durable = mongoc_write_concern_new();

    bson_init(&s->bulk_opts);
    bson_init(&s->insert_opts);
    mongoc_write_concern_set_wmajority(durable, SOCKET_MS / 2);
    mongoc_write_concern_set_journal(durable, true);
    bson_init(&s->durable);
    mongoc_write_concern_append(durable, &s->bulk_opts);
    mongoc_write_concern_append(durable, &s->durable);
    bson_init(&s->update_opts);
    bson_concat(&s->update_opts, &s->bulk_opts);
    mongoc_write_concern_destroy(durable);
    BSON_APPEND_BOOL(&s->bulk_opts, "ordered", false);
    BSON_APPEND_BOOL(&s->insert_opts, "validate", false); /* made here, and sound */
    bson_init(&s->upsert_opts);
    BSON_APPEND_BOOL(&s->upsert_opts, "upsert", true);
}

static enum result read_uri(const struct settings *settings, mongoc_uri_t **ret, struct err *err)
{
    bson_error_t why;

    *ret = mongoc_uri_new_with_error(settings->mongo_uri, &why);
    return *ret ? OK : err_set(err, FATAL, "MONGO_URI cannot be read: %s", why.message);
}

enum result store_check(const struct settings *settings, struct err *err)
{
    mongoc_uri_t *uri;
    enum result result = read_uri(settings, &uri, err);

    mongoc_uri_destroy(uri);
    return result;
}

static enum result connect_pool(struct store *s, const struct settings *settings, struct err *err)
{
    mongoc_uri_t *uri;
    bson_error_t why;

    if (read_uri(settings, &uri, err) != OK)
        return FATAL;
    set_default(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SELECTION_MS);
    set_default(uri, MONGOC_URI_CONNECTTIMEOUTMS, CONNECT_MS);
    set_default(uri, MONGOC_URI_SOCKETTIMEOUTMS, SOCKET_MS);
    set_default(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, HEARTBEAT_MS);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false); /* ours covers it */
    mongoc_uri_set_appname(uri, "als-indexer");
    s->pool = mongoc_client_pool_new_with_error(uri, &why);
    mongoc_uri_destroy(uri);
    return s->pool ? OK : err_set(err, FATAL, "MONGO_URI cannot be used: %s", why.message);
}

enum result store_new(const struct settings *settings, struct store **ret, struct err *err)
{
    AUTO(store) s = mem_zalloc(sizeof *s);

    make_write_opts(s);
    mongoc_init();
    mongoc_log_set_handler(NULL, NULL); /* what goes wrong comes back as an error */
    if (connect_pool(s, settings, err) != OK)
        return FATAL;
    mongoc_client_pool_set_error_api(s->pool, MONGOC_ERROR_API_VERSION_2);
    s->client = mongoc_client_pool_pop(s->pool);
    s->database = mongoc_client_get_database(s->client, settings->mongo_db_name);
    for (size_t i = 0; i < COLLECTION_COUNT; i++)
        s->collections[i] = mongoc_database_get_collection(s->database, names[i]);
    *ret = TAKE(s);
    return OK;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < COLLECTION_COUNT; i++)
        if (s->collections[i])
            mongoc_collection_destroy(s->collections[i]);
    if (s->database)
        mongoc_database_destroy(s->database);
    if (s->client)
        mongoc_client_pool_push(s->pool, s->client);
    if (s->pool)
        mongoc_client_pool_destroy(s->pool);
    bson_destroy(&s->bulk_opts);
    bson_destroy(&s->insert_opts);
    bson_destroy(&s->upsert_opts);
    bson_destroy(&s->durable);
    bson_destroy(&s->update_opts);
    free(s);
}

enum result store_ping(struct store *s, struct err *err)
{
    AUTO_BSON command = BSON_INITIALIZER;
    bson_error_t why;

    BSON_APPEND_INT32(&command, "ping", 1);
    if (!mongoc_database_command_simple(s->database, &command, NULL, NULL, &why))
        return outcome_away(&why, err);
    return OK;
}

enum result store_write(struct store *s, enum collection c, const struct change *changes,
                        size_t count, struct refusals *refused, struct err *err)
{
    AUTO_BSON reply = BSON_INITIALIZER;
    mongoc_bulk_operation_t *bulk;
    bson_error_t why;
    uint32_t done;

    refusals_clear(refused);
    bulk = mongoc_collection_create_bulk_operation_with_opts(s->collections[c], &s->bulk_opts);
    for (size_t i = 0; i < count; i++) {
        const struct change *change = &changes[i];

        assert(!change->update == !changes[0].update); /* one command, so one outcome */
        if (change->update)
            mongoc_bulk_operation_update_one_with_opts(bulk, change->doc, change->update,
                                                       &s->upsert_opts, NULL);
        else
            mongoc_bulk_operation_insert_with_opts(bulk, change->doc, &s->insert_opts, NULL);
    }
    bson_destroy(&reply); /* the driver makes it anew, in every case */
    done = mongoc_bulk_operation_execute(bulk, &reply, &why);
    mongoc_bulk_operation_destroy(bulk);
    return done ? OK : outcome_of_write(&reply, &why, count, refused, err);
}

enum result store_probe(struct store *s, struct err *err)
{
    AUTO_BSON selector = BSON_INITIALIZER;
    AUTO_BSON update = BSON_INITIALIZER;
    const struct change probe = {&selector, &update};
    struct refusals refused = {0};
    bson_t now;
    enum result result;

    BSON_APPEND_UTF8(&selector, "_id", "probe");
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$currentDate", &now);
    BSON_APPEND_BOOL(&now, "at", true);
    bson_append_document_end(&update, &now);
    result = store_write(s, COLLECTION_PIPELINE, &probe, 1, &refused, err);
    if (result == OK && refused.count > 0)
        result = err_set(err, RETRY, "a probe is refused: %d %s", refused.items[0].code,
                         refused.items[0].text);
    refusals_done(&refused);
    return result;
}

static enum result find(struct store *s, enum collection c, const bson_t *filter,
                        const bson_t *opts, const struct store_found *found, struct err *err)
{
    mongoc_cursor_t *cursor =
        mongoc_collection_find_with_opts(s->collections[c], filter, opts, NULL);
    const bson_t *doc;
    bson_error_t why;
    bool failed;

    while (mongoc_cursor_next(cursor, &doc))
        found->doc(found->ctx, doc);
    failed = mongoc_cursor_error(cursor, &why);
    mongoc_cursor_destroy(cursor);
    return failed ? outcome_away(&why, err) : OK;
}

void store_add_id(bson_t *ids, size_t place, struct slice id)
{
    char text[16];
    const char *key;
    size_t len = bson_uint32_to_string((uint32_t)place, &key, text, sizeof text);

    bson_append_utf8(ids, key, (int)len, id.data, (int)id.len);
}

/* {_id: {$in: ids}} */
static void any_of(bson_t *filter, const bson_t *ids)
{
    bson_t in;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &in);
    BSON_APPEND_ARRAY(&in, "$in", ids);
    bson_append_document_end(filter, &in);
}

enum result store_find_logs(struct store *s, const bson_t *ids, const struct store_found *found,
                            struct err *err)
{
    AUTO_BSON filter = BSON_INITIALIZER;
    AUTO_BSON opts = BSON_INITIALIZER;
    bson_t projection;

    any_of(&filter, ids);
    BSON_APPEND_DOCUMENT_BEGIN(&opts, "projection", &projection);
    BSON_APPEND_INT32(&projection, "src", 1);
    BSON_APPEND_INT32(&projection, "hash", 1);
    bson_append_document_end(&opts, &projection);
    return find(s, COLLECTION_LOGS, &filter, &opts, found, err);
}

enum result store_find_positions(struct store *s, const bson_t *ids,
                                 const struct store_found *found, struct err *err)
{
    AUTO_BSON filter = BSON_INITIALIZER;
    AUTO_BSON opts = BSON_INITIALIZER;
    bson_t part;

    any_of(&filter, ids);
    BSON_APPEND_DOCUMENT_BEGIN(&opts, "projection", &part);
    BSON_APPEND_INT32(&part, "positions", 1);
    bson_append_document_end(&opts, &part);
    BSON_APPEND_DOCUMENT_BEGIN(&opts, "readConcern", &part);
    BSON_APPEND_UTF8(&part, "level", "majority");
    bson_append_document_end(&opts, &part);
    return find(s, COLLECTION_TOTALS, &filter, &opts, found, err);
}

enum result store_find(struct store *s, enum collection c, const bson_t *filter, int64_t limit,
                       const struct store_found *found, struct err *err)
{
    AUTO_BSON opts = BSON_INITIALIZER;

    BSON_APPEND_INT64(&opts, "limit", limit);
    return find(s, c, filter, &opts, found, err);
}

enum result store_update(struct store *s, enum collection c, const bson_t *selector,
                         const bson_t *update, struct err *err)
{
    bson_error_t why;

    if (!mongoc_collection_update_one(s->collections[c], selector, update, &s->update_opts, NULL,
                                      &why))
        return outcome_away(&why, err);
    return OK;
}

enum result store_delete(struct store *s, enum collection c, const bson_t *ids, struct err *err)
{
    AUTO_BSON filter = BSON_INITIALIZER;
    bson_error_t why;

    any_of(&filter, ids);
    return mongoc_collection_delete_many(s->collections[c], &filter, &s->durable, NULL, &why)
               ? OK
               : outcome_away(&why, err);
}

enum result store_create_indexes(struct store *s, enum collection c, const bson_t *indexes,
                                 struct err *err)
{
    AUTO_BSON command = BSON_INITIALIZER;
    bson_error_t why;

    BSON_APPEND_UTF8(&command, "createIndexes", names[c]);
    BSON_APPEND_ARRAY(&command, "indexes", indexes);
    if (mongoc_database_write_command_with_opts(s->database, &command, NULL, NULL, &why))
        return OK;
    if (why.domain == MONGOC_ERROR_SERVER &&
        refusal_kind((int32_t)why.code, why.message) == REFUSED_DATA)
        return err_set(err, REJECT, "indexes of %s: %s", names[c], why.message);
    return outcome_away(&why, err);
}
