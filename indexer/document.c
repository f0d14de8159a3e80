/* SPDX-License-Identifier: MIT */
#include "indexer/document.h"

#include "common/iso8601.h"
#include "common/mem.h"
#include "indexer/json_to_bson.h"
#include "schemas/bson_member.h"

#include <stdlib.h>

enum { DEPTH_MAX = 64, DAY_MS = 86400000 };

enum member_type { ANY, TEXT, DATE, OURS };

/* Members with a rule. The indexed ones must be text: one array among them would make the store
 * treat the index as many-valued, and stop it from serving in order. */
static const struct member_rule {
    const char *name;
    enum member_type type;
    bool required;
} rules[] = {
    {"_id", TEXT, true},        {"hash", TEXT, true},       {"src", TEXT, true},
    {"tenant", TEXT, true},     {"service", TEXT, true},    {"action", TEXT, true},
    {"userId", TEXT, false},    {"severity", TEXT, true},   {"timestamp", DATE, true},
    {"sessionId", TEXT, false}, {"requestId", TEXT, false}, {"createdAt", DATE, true},
    {"expireAt", OURS, false},
};

enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

struct document_reader {
    int64_t retention_ms, created_ms;
    struct json_to_bson convert;
};

struct document_reader *document_reader_new(int64_t retention_days)
{
    struct document_reader *r = mem_zalloc(sizeof *r);

    r->retention_ms = retention_days * DAY_MS;
    return r;
}

void document_reader_free(struct document_reader *r)
{
    if (r)
        json_to_bson_done(&r->convert);
    free(r);
}

/* The rule's place in the table, RULE_COUNT without one. */
static size_t rule_of(struct slice key)
{
    size_t i = 0;

    while (i < RULE_COUNT && !slice_is(key, rules[i].name))
        i++;
    return i;
}

static enum result add_text(struct document_reader *r, bson_t *doc, struct json_member m,
                            struct err *err)
{
    if (m.value.type != JSON_STRING)
        return err_set(err, REJECT, "validation_error: \"%.*s\" must be a string",
                       SLICE_ARG(m.key));
    return json_to_bson_add(&r->convert, doc, m.key, m.value, err);
}

static enum result add_date(struct document_reader *r, bson_t *doc, struct json_member m,
                            struct err *err)
{
    int64_t ms;

    if (m.value.type != JSON_STRING || !iso8601_parse(json_to_bson_text(&r->convert, m.value), &ms))
        return err_set(err, REJECT, "validation_error: \"%.*s\" must be in ISO 8601 date format",
                       SLICE_ARG(m.key));
    bson_append_date_time(doc, m.key.data, (int)m.key.len, ms);
    if (slice_is(m.key, "createdAt"))
        r->created_ms = ms;
    return OK;
}

static enum result add_member(struct document_reader *r, bson_t *doc, struct json_member m,
                              enum member_type type, struct err *err)
{
    switch (type) {
    case TEXT:
        return add_text(r, doc, m, err);
    case DATE:
        return add_date(r, doc, m, err);
    case OURS:
        return OK;
    case ANY:
        break;
    }
    return json_to_bson_add(&r->convert, doc, m.key, m.value, err);
}

static enum result add_all(struct document_reader *r, bson_t *doc, size_t count, struct err *err)
{
    bool seen[RULE_COUNT + 1] = {false};
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++) {
        struct json_member m = json_to_bson_member(&r->convert, i);
        size_t rule = rule_of(m.key);

        if (m.shadowed)
            continue;
        seen[rule] = true;
        result = add_member(r, doc, m, rule < RULE_COUNT ? rules[rule].type : ANY, err);
    }
    for (size_t i = 0; i < RULE_COUNT && result == OK; i++)
        if (rules[i].required && !seen[i])
            result = err_set(err, REJECT, "validation_error: \"%s\" is required", rules[i].name);
    return result;
}

enum result document_read(struct document_reader *r, struct slice json, bson_t **ret,
                          struct err *err)
{
    struct err why;
    struct json_value root;
    bson_t *doc;
    size_t count;
    enum result result;

    if (json.len > DOCUMENT_MAX_BYTES)
        return err_set(err, REJECT, "too_large: %zu bytes, at most %d", json.len,
                       DOCUMENT_MAX_BYTES);
    if (json_check(json, DEPTH_MAX, &why) != OK)
        return err_set(err, REJECT, "malformed_json: %s", why.text);
    root = json_root(json);
    if (root.type != JSON_OBJECT)
        return err_set(err, REJECT, "validation_error: \"value\" must be of type object");

    json_to_bson_begin(&r->convert, root, &count);
    doc = bson_sized_new(json.len + 512);
    result = add_all(r, doc, count, err);
    if (result != OK) {
        bson_destroy(doc);
        return result;
    }
    bson_append_date_time(doc, "expireAt", -1, r->created_ms + r->retention_ms);
    *ret = doc;
    return OK;
}

struct document_place document_place(const bson_t *doc)
{
    return (struct document_place){bson_text_of(doc, "_id"), bson_text_of(doc, "src"),
                                   bson_text_of(doc, "hash")};
}
