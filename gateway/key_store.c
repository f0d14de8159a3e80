/* SPDX-License-Identifier: MIT */
#include "gateway/key_store.h"

#include "schemas/bson_member.h"

enum { LIMIT_MS = 3000 };

static struct slice text_in(const bson_t *doc, const char *name)
{
    struct slice text = bson_text_of(doc, name);

    return text.data ? text : slice_of("");
}

static int64_t time_in(const bson_t *doc, const char *name)
{
    bson_iter_t at;

    return bson_iter_init_find(&at, doc, name) && BSON_ITER_HOLDS_DATE_TIME(&at)
               ? bson_iter_date_time(&at)
               : 0;
}

static unsigned scopes_in(const bson_t *doc)
{
    bson_iter_t at, list;
    unsigned scopes = 0;

    if (bson_iter_init_find(&at, doc, "scopes") && BSON_ITER_HOLDS_ARRAY(&at) &&
        bson_iter_recurse(&at, &list))
        while (bson_iter_next(&list))
            if (BSON_ITER_HOLDS_UTF8(&list))
                scopes |= scope_bit(slice_of(bson_iter_utf8(&list, NULL)));
    return scopes;
}

/* What somebody else wrote into the collection, and is no key, opens nothing. */
static bool add_key(void *set, const bson_t *doc)
{
    struct slice id = text_in(doc, "_id"), tenant = text_in(doc, "tenant");
    struct api_key key = {
        .scopes = scopes_in(doc),
        .expires_ms = time_in(doc, "expiresAt"),
        .used_stored_ms = time_in(doc, "lastUsedAt"),
    };

    if (!api_key_id_valid(id) || !tenant_valid(tenant) ||
        !key_hash_parse(text_in(doc, "hash"), key.hash))
        return true;
    memcpy(key.id, id.data, id.len);
    memcpy(key.tenant, tenant.data, tenant.len);
    key_set_add(set, &key);
    return true;
}

static bool add_limit(void *set, const bson_t *doc)
{
    bson_iter_t at;

    if (bson_iter_init_find(&at, doc, "requestsPerMinute") && BSON_ITER_HOLDS_INT(&at) &&
        bson_iter_as_int64(&at) >= 0)
        key_set_add_limit(set, text_in(doc, "tenant"), bson_iter_as_int64(&at));
    return true;
}

enum result key_store_read(struct store *s, struct key_set *set, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, absent, sort = BSON_INITIALIZER;
    struct store_query query = {.collection = "keys",
                                .filter = &filter,
                                .sort = &sort,
                                .limit = KEYS_MAX,
                                .limit_ms = LIMIT_MS};
    struct store_rows rows = {add_key, set};

    BSON_APPEND_DOCUMENT_BEGIN(&filter, "revokedAt", &absent);
    BSON_APPEND_BOOL(&absent, "$exists", false);
    bson_append_document_end(&filter, &absent);
    BSON_APPEND_INT32(&sort, "_id", 1);
    enum result result = store_read(s, &query, &rows, err);
    bson_destroy(&filter);
    bson_destroy(&sort);
    return result;
}

enum result key_store_read_limits(struct store *s, struct key_set *set, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {
        .collection = "settings", .filter = &filter, .limit = LIMITS_MAX, .limit_ms = LIMIT_MS};
    struct store_rows rows = {add_limit, set};

    BSON_APPEND_UTF8(&filter, "kind", "limits");
    enum result result = store_read(s, &query, &rows, err);
    bson_destroy(&filter);
    return result;
}

static void append_text(bson_t *doc, const char *name, struct slice text)
{
    bson_append_utf8(doc, name, -1, text.data, (int)text.len);
}

static void append_scopes(bson_t *doc, unsigned scopes)
{
    static const char *const names[] = {NULL, "ingest", "read", "admin"};
    static const char *const places[] = {"0", "1", "2"};
    bson_t list;
    unsigned count = 0;

    BSON_APPEND_ARRAY_BEGIN(doc, "scopes", &list);
    for (unsigned i = SCOPE_INGEST; i <= SCOPE_ADMIN; i++)
        if (scopes & 1u << i) {
            BSON_APPEND_UTF8(&list, places[count], names[i]);
            count++;
        }
    bson_append_array_end(doc, &list);
}

enum result key_store_insert(struct store *s, const struct key_order *order, int64_t limit_ms,
                             struct err *err)
{
    AUTO_BUF hash = {0};
    bson_t doc = BSON_INITIALIZER;
    const struct store_write write = {
        .collection = "keys", .verb = STORE_INSERT, .change = &doc, .limit_ms = limit_ms};

    key_hash_render(order->hash, &hash);
    append_text(&doc, "_id", order->id);
    append_text(&doc, "hash", buf_slice(&hash));
    append_text(&doc, "tenant", order->tenant);
    append_text(&doc, "name", order->name);
    append_scopes(&doc, order->scopes);
    BSON_APPEND_DATE_TIME(&doc, "createdAt", order->created_ms);
    if (order->created_by.data)
        append_text(&doc, "createdBy", order->created_by);
    if (order->expires_ms != 0)
        BSON_APPEND_DATE_TIME(&doc, "expiresAt", order->expires_ms);
    enum result result = store_write(s, &write, NULL, err);
    bson_destroy(&doc);
    return result;
}

enum result key_store_note_use(struct store *s, const char *id, int64_t used_ms, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, later;
    const struct store_write write = {.collection = "keys",
                                      .verb = STORE_UPDATE,
                                      .filter = &filter,
                                      .change = &update,
                                      .limit_ms = LIMIT_MS};

    BSON_APPEND_UTF8(&filter, "_id", id);
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$max", &later);
    BSON_APPEND_DATE_TIME(&later, "lastUsedAt", used_ms);
    bson_append_document_end(&update, &later);
    enum result result = store_write(s, &write, NULL, err);
    bson_destroy(&filter);
    bson_destroy(&update);
    return result;
}
