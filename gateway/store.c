/* SPDX-License-Identifier: MIT */
#include "gateway/store.h"

#include "common/log.h"
#include "common/mem.h"

#include <mongoc/mongoc.h>
#include <stdatomic.h>

enum {
    SERVER_SELECTION_MS = 2000,
    CONNECT_MS = 2000,
    SOCKET_MS = 5000,
    WAIT_QUEUE_MS = 1000,
    POOL_MAX = 10, /* the lookup threads, the probe, the watch of keys */
    PING_LIMIT_MS = 1000,
    ERROR_BAD_VALUE = 2, /* MongoDB's error codes */
    ERROR_TIME_LIMIT_EXCEEDED = 50,
    ERROR_DUPLICATE_KEY = 11000,
    ERROR_NO_QUERY_EXECUTION_PLANS = 291,
};

struct store {
    mongoc_client_pool_t *pool;
    char *database;
    atomic_bool away; /* what the last ping found */
};

static void log_driver(mongoc_log_level_t level, const char *domain, const char *message,
                       void *user_data)
{
    (void)user_data;
    if (level <= MONGOC_LOG_LEVEL_CRITICAL)
        log_warn("document store driver, %s: %s", domain, message);
    else if (level <= MONGOC_LOG_LEVEL_INFO)
        log_debug("document store driver, %s: %s", domain, message);
}

/* What the operator wrote in the address stands. */
static void set_default(mongoc_uri_t *uri, const char *option, int32_t value)
{
    if (!mongoc_uri_has_option(uri, option))
        mongoc_uri_set_option_as_int32(uri, option, value);
}

enum result store_new(const struct settings *settings, struct store **ret, struct err *err)
{
    bson_error_t why;
    mongoc_uri_t *uri;
    struct store *s;

    mongoc_init();
    mongoc_log_set_handler(log_driver, NULL);
    uri = mongoc_uri_new_with_error(settings->mongo_uri, &why);
    if (!uri)
        return err_set(err, FATAL, "MONGO_URI is not an address: %s", why.message);
    set_default(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SERVER_SELECTION_MS);
    set_default(uri, MONGOC_URI_CONNECTTIMEOUTMS, CONNECT_MS);
    set_default(uri, MONGOC_URI_SOCKETTIMEOUTMS, SOCKET_MS);
    set_default(uri, MONGOC_URI_WAITQUEUETIMEOUTMS, WAIT_QUEUE_MS);
    set_default(uri, MONGOC_URI_MAXPOOLSIZE, POOL_MAX);

    s = mem_zalloc(sizeof *s);
    s->database = mem_strdup(settings->mongo_db_name);
    s->pool = mongoc_client_pool_new(uri);
    mongoc_uri_destroy(uri);
    if (!s->pool) {
        store_free(s);
        return err_set(err, FATAL, "MONGO_URI asks for what the driver cannot do");
    }
    mongoc_client_pool_set_error_api(s->pool, MONGOC_ERROR_API_VERSION_2);
    mongoc_client_pool_set_appname(s->pool, "als-gateway");
    *ret = s;
    return OK;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    if (s->pool)
        mongoc_client_pool_destroy(s->pool);
    free(s->database);
    free(s);
    mongoc_cleanup();
}

static enum result take_client(struct store *s, mongoc_client_t **ret, struct err *err)
{
    *ret = mongoc_client_pool_pop(s->pool);
    return *ret ? OK : err_set(err, RETRY, "no connection free within %d ms", WAIT_QUEUE_MS);
}

static enum result failed(const bson_error_t *why, struct err *err)
{
    bool slow = why->domain == MONGOC_ERROR_SERVER && why->code == ERROR_TIME_LIMIT_EXCEEDED;
    return err_set(err, slow ? REJECT : RETRY, "%s", why->message);
}

static bool is_hint_unknown(const bson_error_t *why)
{
    return why->domain == MONGOC_ERROR_SERVER && strstr(why->message, "hint") != NULL &&
           (why->code == ERROR_BAD_VALUE || why->code == ERROR_NO_QUERY_EXECUTION_PLANS);
}

enum result store_ping(struct store *s, struct err *err)
{
    mongoc_client_t *client;
    bson_error_t why;
    bson_t command = BSON_INITIALIZER;
    enum result result = take_client(s, &client, err);

    if (result == OK) {
        BSON_APPEND_INT32(&command, "ping", 1);
        BSON_APPEND_INT32(&command, "maxTimeMS", PING_LIMIT_MS);
        if (!mongoc_client_command_simple(client, "admin", &command, NULL, NULL, &why))
            result = failed(&why, err);
        atomic_store(&s->away, result == RETRY);
        mongoc_client_pool_push(s->pool, client);
    }
    bson_destroy(&command);
    return result;
}

/* Rows of an aggregation are few and small, and come in one reply: for a further one FerretDB gives
 * up its connection to PostgreSQL, and a new one, a process, takes 20 ms of CPU. */
enum { ALL_ROWS = 1000000 };

static void add_options(const struct store_query *query, bool hinted, bson_t *out)
{
    if (query->sort)
        BSON_APPEND_DOCUMENT(out, "sort", query->sort);
    if (query->fields && !bson_empty(query->fields))
        BSON_APPEND_DOCUMENT(out, "projection", query->fields);
    if (hinted)
        BSON_APPEND_DOCUMENT(out, "hint", query->hint);
    if (query->skip > 0)
        BSON_APPEND_INT64(out, "skip", query->skip);
    if (query->limit > 0) {
        BSON_APPEND_INT64(out, "limit", query->limit);
        /* All in the first answer: no cursor stays open at the server. */
        BSON_APPEND_INT64(out, "batchSize", query->limit);
    } else if (query->batch > 0) {
        BSON_APPEND_INT64(out, "batchSize", query->batch);
    } else if (query->pipeline) {
        BSON_APPEND_INT64(out, "batchSize", ALL_ROWS);
    }
    BSON_APPEND_INT64(out, "maxTimeMS", query->limit_ms);
}

static mongoc_cursor_t *open_cursor(mongoc_collection_t *collection,
                                    const struct store_query *query, const bson_t *options)
{
    if (query->pipeline)
        return mongoc_collection_aggregate(collection, MONGOC_QUERY_NONE, query->pipeline, options,
                                           NULL);
    return mongoc_collection_find_with_opts(collection, query->filter, options, NULL);
}

static bool read_once(mongoc_collection_t *collection, const struct store_query *query, bool hinted,
                      const struct store_rows *rows, bson_error_t *why)
{
    bson_t options = BSON_INITIALIZER;
    mongoc_cursor_t *cursor;
    const bson_t *doc;
    bool ok;

    add_options(query, hinted, &options);
    cursor = open_cursor(collection, query, &options);
    while (mongoc_cursor_next(cursor, &doc) && rows->add(rows->ctx, doc))
        continue;
    ok = !mongoc_cursor_error(cursor, why);
    mongoc_cursor_destroy(cursor);
    bson_destroy(&options);
    return ok;
}

bool store_is_away(const struct store *s)
{
    return atomic_load(&s->away);
}

enum result store_read(struct store *s, const struct store_query *query,
                       const struct store_rows *rows, struct err *err)
{
    mongoc_client_t *client;
    mongoc_collection_t *collection;
    bson_error_t why;
    bool ok;

    if (store_is_away(s))
        return err_set(err, RETRY, "it did not answer the last ping");
    enum result result = take_client(s, &client, err);
    if (result != OK)
        return result;
    collection = mongoc_client_get_collection(client, s->database, query->collection);
    ok = read_once(collection, query, query->hint != NULL, rows, &why);
    if (!ok && query->hint && is_hint_unknown(&why))
        ok = read_once(collection, query, false, rows, &why);
    mongoc_collection_destroy(collection);
    mongoc_client_pool_push(s->pool, client);
    return ok ? OK : failed(&why, err);
}

static void append_item(const struct store_write *write, bson_t *out)
{
    static const char list_name[] = "0";
    bson_t item;

    if (write->verb == STORE_INSERT) {
        BSON_APPEND_DOCUMENT(out, list_name, write->change);
        return;
    }
    BSON_APPEND_DOCUMENT_BEGIN(out, list_name, &item);
    BSON_APPEND_DOCUMENT(&item, "q", write->filter);
    if (write->verb == STORE_DELETE) {
        BSON_APPEND_INT32(&item, "limit", write->many ? 0 : 1);
    } else {
        if (write->stages)
            BSON_APPEND_ARRAY(&item, "u", write->change);
        else
            BSON_APPEND_DOCUMENT(&item, "u", write->change);
        BSON_APPEND_BOOL(&item, "upsert", write->verb == STORE_UPSERT);
        BSON_APPEND_BOOL(&item, "multi", write->many);
    }
    bson_append_document_end(out, &item);
}

/* {insert: "keys", documents: […], maxTimeMS, writeConcern} */
static void write_command(const struct store_write *write, bson_t *out)
{
    static const char *const verbs[] = {"insert", "update", "update", "delete"};
    static const char *const lists[] = {"documents", "updates", "updates", "deletes"};
    bson_t list, concern;

    BSON_APPEND_UTF8(out, verbs[write->verb], write->collection);
    BSON_APPEND_ARRAY_BEGIN(out, lists[write->verb], &list);
    append_item(write, &list);
    bson_append_array_end(out, &list);
    BSON_APPEND_INT64(out, "maxTimeMS", write->limit_ms);
    BSON_APPEND_DOCUMENT_BEGIN(out, "writeConcern", &concern);
    BSON_APPEND_UTF8(&concern, "w", "majority");
    BSON_APPEND_BOOL(&concern, "j", true);
    bson_append_document_end(out, &concern);
}

/* A command that did its work may still report a document that it refused. */
static bool has_write_error(const bson_t *reply, bson_error_t *why)
{
    bson_iter_t at, code, message;

    if (!bson_iter_init(&at, reply) || !bson_iter_find_descendant(&at, "writeErrors.0.code", &code))
        return false;
    bson_iter_init(&at, reply);
    bool told = bson_iter_find_descendant(&at, "writeErrors.0.errmsg", &message) &&
                BSON_ITER_HOLDS_UTF8(&message);
    bson_set_error(why, MONGOC_ERROR_SERVER, (uint32_t)bson_iter_as_int64(&code), "%s",
                   told ? bson_iter_utf8(&message, NULL) : "the document is refused");
    return true;
}

static bool write_once(struct store *s, mongoc_client_t *client, const struct store_write *write,
                       int64_t *ret_count, bson_error_t *why)
{
    bson_t command = BSON_INITIALIZER, reply;
    bson_iter_t at;
    bool ok;

    write_command(write, &command);
    ok = mongoc_client_write_command_with_opts(client, s->database, &command, NULL, &reply, why) &&
         !has_write_error(&reply, why);
    if (ok && bson_iter_init_find(&at, &reply, "n"))
        *ret_count = bson_iter_as_int64(&at);
    bson_destroy(&reply);
    bson_destroy(&command);
    return ok;
}

enum result store_write(struct store *s, const struct store_write *write, int64_t *ret_count,
                        struct err *err)
{
    mongoc_client_t *client;
    bson_error_t why;
    int64_t count = 0;
    bool ok;

    if (store_is_away(s))
        return err_set(err, RETRY, "it did not answer the last ping");
    enum result result = take_client(s, &client, err);
    if (result != OK)
        return result;
    ok = write_once(s, client, write, &count, &why);
    mongoc_client_pool_push(s->pool, client);
    if (!ok && why.code == ERROR_DUPLICATE_KEY)
        return err_set(err, REJECT, "%s", why.message);
    if (!ok)
        return failed(&why, err);
    if (ret_count)
        *ret_count = count;
    return OK;
}
