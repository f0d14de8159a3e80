/* SPDX-License-Identifier: MIT */
#include "indexer/reject_document.h"

#include "common/buf.h"
#include "common/iso8601.h"
#include "common/utf8.h"
#include "schemas/record.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TEXT_BYTES = 1024, KEY_BYTES = 1024, JSON_DEPTH = 64, USER_BYTES = 400 };

static const int64_t kept_ms = 30LL * 86400000;

static struct slice header(const rd_kafka_headers_t *headers, const char *name)
{
    const void *value;
    size_t len;

    if (!headers || rd_kafka_header_get_last(headers, name, &value, &len))
        return (struct slice){NULL, 0};
    return slice_make(value, len);
}

static struct slice cut(struct slice s, size_t max)
{
    return slice_make(s.data, s.len < max ? s.len : max);
}

/* As much of it as is text. */
static void add_text(bson_t *doc, const char *name, struct slice bytes)
{
    size_t len = 0, step;

    bytes = cut(bytes, TEXT_BYTES);
    while (len < bytes.len && bytes.data[len] &&
           (step = utf8_char_len(bytes.data + len, bytes.len - len)) > 0)
        len += step;
    if (len > 0)
        bson_append_utf8(doc, name, -1, bytes.data, (int)len);
}

static void add_bytes(bson_t *doc, const char *name, struct slice bytes)
{
    static const char none[] = "";
    const void *data = bytes.len > 0 ? bytes.data : none;

    bson_append_binary(doc, name, -1, BSON_SUBTYPE_BINARY, data, (uint32_t)bytes.len);
}

static bool is_about_error(const char *name)
{
    return strncmp(name, "als.error.", 10) == 0;
}

static void add_header(bson_t *list, size_t index, const char *name, struct slice value)
{
    char digits[16];
    const char *key;
    bson_t item;
    size_t len = bson_uint32_to_string((uint32_t)index, &key, digits, sizeof digits);

    bson_append_document_begin(list, key, (int)len, &item);
    add_text(&item, "name", slice_of(name));
    add_bytes(&item, "value", value);
    bson_append_document_end(list, &item);
}

/* False: some are left out. */
static bool add_headers(bson_t *doc, const rd_kafka_headers_t *headers)
{
    const char *name;
    const void *value;
    size_t len, kept = 0;
    bool whole = true;
    bson_t list;

    BSON_APPEND_ARRAY_BEGIN(doc, "headers", &list);
    for (size_t i = 0; headers && !rd_kafka_header_get_all(headers, i, &name, &value, &len); i++) {
        if (is_about_error(name))
            continue;
        whole = whole && kept < REJECT_HEADERS && len <= REJECT_HEADER_BYTES;
        if (kept < REJECT_HEADERS && len <= REJECT_HEADER_BYTES)
            add_header(&list, kept++, name, slice_make(value, len));
    }
    bson_append_array_end(doc, &list);
    return whole;
}

static struct json_value member(struct json_value object, const char *name)
{
    struct json_iter it = json_iter(object);
    struct json_value key, value, found = {.type = JSON_NULL};

    while (json_next(&it, &key, &value))
        if (json_key_is(key, name))
            found = value;
    return found;
}

static struct slice text_member(struct json_value object, const char *name, struct buf *arena)
{
    struct json_value found = member(object, name);

    return found.type == JSON_STRING ? json_text(found, arena) : (struct slice){NULL, 0};
}

/* What can be read of the record: whose it is, about whom, and when it was received. */
static void add_owner(bson_t *doc, const struct reject_letter *letter, struct buf *arena)
{
    struct slice tenant = header(letter->headers, "als.tenant"), user = {NULL, 0}, when = user;
    struct slice received = header(letter->headers, "als.error.received");
    int64_t ms;
    struct err ignored;

    buf_reserve(arena, 2 * letter->value.len + 2); /* views of it must not move */
    if (json_check(letter->value, JSON_DEPTH, &ignored) == OK) {
        struct json_value root = json_root(letter->value);
        struct json_value actor = {.type = JSON_NULL};

        if (root.type == JSON_OBJECT) {
            actor = member(root, "actor");
            user = text_member(root, "userId", arena);
            when = text_member(root, "timestamp", arena);
            if (!received.data) /* the indexer's: the record is ours, and says so itself */
                received = text_member(root, "createdAt", arena);
            if (!tenant_valid(tenant))
                tenant = text_member(root, "tenant", arena);
        }
        if (!user.data && actor.type == JSON_OBJECT)
            user = text_member(actor, "id", arena);
    }
    add_text(doc, "tenant", tenant_valid(tenant) ? tenant : slice_of("default"));
    if (user.data)
        add_text(doc, "userId", cut(user, USER_BYTES));
    if (iso8601_parse(when, &ms))
        BSON_APPEND_DATE_TIME(doc, "timestamp", ms);
    if (!iso8601_parse(received, &ms) || ms > letter->at_ms)
        ms = letter->at_ms;
    BSON_APPEND_DATE_TIME(doc, "receivedAt", ms);
}

static int64_t number(struct slice text, int64_t otherwise)
{
    char copy[24], *end;
    int64_t n;

    if (text.len == 0 || text.len >= sizeof copy)
        return otherwise;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    n = strtoll(copy, &end, 10);
    return *end ? otherwise : n;
}

/* Where the record lies that was refused; a letter that does not say is its own place. */
static void add_place(const struct reject_letter *letter, bson_t *selector, bson_t *doc)
{
    struct slice topic = header(letter->headers, "als.error.topic");
    int64_t partition = number(header(letter->headers, "als.error.partition"), -1);
    int64_t offset = number(header(letter->headers, "als.error.offset"), -1);
    AUTO_BUF id = {0};

    if (topic.len == 0 || topic.len > 249 || partition < 0 || partition > INT32_MAX || offset < 0) {
        topic = slice_of(letter->topic);
        partition = letter->partition;
        offset = letter->offset;
    }
    buf_add_slice(&id, topic);
    buf_printf(&id, ":%" PRId64 ":%" PRId64, partition, offset);
    add_text(selector, "_id", buf_slice(&id));
    add_text(doc, "topic", topic);
    BSON_APPEND_INT32(doc, "partition", (int32_t)partition);
    BSON_APPEND_INT64(doc, "offset", offset);
}

static void add_content(const struct reject_letter *letter, bson_t *doc)
{
    bool whole = letter->value.len <= REJECT_VALUE_BYTES && letter->key.len <= KEY_BYTES &&
                 !header(letter->headers, "als.error.truncated").data;

    add_bytes(doc, "key", cut(letter->key, KEY_BYTES));
    add_bytes(doc, "value", cut(letter->value, REJECT_VALUE_BYTES));
    BSON_APPEND_INT64(doc, "valueBytes", (int64_t)letter->value.len);
    whole = add_headers(doc, letter->headers) && whole;
    BSON_APPEND_BOOL(doc, "truncated", !whole);
}

void reject_document(const struct reject_letter *letter, bson_t *selector, bson_t *update)
{
    AUTO_BUF arena = {0};
    bson_t doc;

    BSON_APPEND_DOCUMENT_BEGIN(update, "$setOnInsert", &doc);
    add_owner(&doc, letter, &arena);
    add_text(&doc, "stage", header(letter->headers, "als.error.stage"));
    add_text(&doc, "reason", header(letter->headers, "als.error.reason"));
    add_text(&doc, "detail", header(letter->headers, "als.error.detail"));
    add_place(letter, selector, &doc);
    add_content(letter, &doc);
    BSON_APPEND_DATE_TIME(&doc, "at", letter->at_ms);
    BSON_APPEND_DATE_TIME(&doc, "expireAt", letter->at_ms + kept_ms);
    BSON_APPEND_UTF8(&doc, "state", "open");
    bson_append_document_end(update, &doc);
}
