/* SPDX-License-Identifier: MIT */
#include "indexer/json_to_bson.h"

#include "common/mem.h"

#include <stdlib.h>

enum { FEW_MEMBERS = 12 };

void json_to_bson_done(struct json_to_bson *c)
{
    buf_done(&c->_text);
    free(c->_members);
    *c = (struct json_to_bson){0};
}

static void push(struct json_to_bson *c, struct slice key, struct json_value value)
{
    if (c->_count == c->_cap) {
        c->_cap = c->_cap ? c->_cap * 2 : 64;
        c->_members = mem_realloc(c->_members, c->_cap * sizeof *c->_members);
    }
    c->_members[c->_count++] = (struct json_member){.key = key, .value = value};
}

/* By key, then by place. */
static int by_key(const void *left, const void *right, void *members)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    struct slice x = ((const struct json_member *)members)[a].key;
    struct slice y = ((const struct json_member *)members)[b].key;
    size_t shorter = x.len < y.len ? x.len : y.len;
    int order = shorter ? memcmp(x.data, y.data, shorter) : 0;

    if (order == 0)
        order = (x.len > y.len) - (x.len < y.len);
    return order ? order : (a > b) - (a < b);
}

/* Sorting keeps a hostile object of thousands of members from costing their square. */
static void shadow_many(struct json_member *members, size_t count)
{
    uint32_t *places = mem_alloc(count * sizeof *places);

    for (size_t i = 0; i < count; i++)
        places[i] = (uint32_t)i;
    qsort_r(places, count, sizeof *places, by_key, members);
    for (size_t i = 0; i + 1 < count; i++)
        members[places[i]].shadowed = slice_eq(members[places[i]].key, members[places[i + 1]].key);
    free(places);
}

static void shadow_few(struct json_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && !members[i].shadowed; j++)
            members[i].shadowed = slice_eq(members[i].key, members[j].key);
}

/* Pushes an object's members, and marks those that an equal key follows. */
static void read_members(struct json_to_bson *c, struct json_value object)
{
    struct json_iter it = json_iter(object);
    struct json_value key, value;
    size_t base = c->_count;

    while (json_next(&it, &key, &value))
        push(c, json_text(key, &c->_text), value);
    if (c->_count - base <= FEW_MEMBERS)
        shadow_few(c->_members + base, c->_count - base);
    else
        shadow_many(c->_members + base, c->_count - base);
}

void json_to_bson_begin(struct json_to_bson *c, struct json_value object, size_t *ret_count)
{
    buf_clear(&c->_text);
    buf_reserve(&c->_text, object.raw.len); /* no text is unescaped twice: views stay put */
    c->_count = 0;
    read_members(c, object);
    *ret_count = c->_count;
}

struct json_member json_to_bson_member(const struct json_to_bson *c, size_t i)
{
    return c->_members[i];
}

struct slice json_to_bson_text(struct json_to_bson *c, struct json_value string)
{
    return json_text(string, &c->_text);
}

static void add_number(bson_t *out, struct slice key, struct slice raw)
{
    struct json_number n = json_number(raw);

    if (!n.is_whole)
        bson_append_double(out, key.data, (int)key.len, n.real);
    else if (n.whole >= INT32_MIN && n.whole <= INT32_MAX)
        bson_append_int32(out, key.data, (int)key.len, (int32_t)n.whole);
    else
        bson_append_int64(out, key.data, (int)key.len, n.whole);
}

static enum result add_members(struct json_to_bson *c, bson_t *out, struct json_value object,
                               struct err *err)
{
    size_t base = c->_count;
    enum result result = OK;

    read_members(c, object);
    for (size_t i = base, end = c->_count; i < end && result == OK; i++) {
        struct json_member m = c->_members[i];

        if (!m.shadowed)
            result = json_to_bson_add(c, out, m.key, m.value, err);
    }
    c->_count = base;
    return result;
}

static enum result add_elements(struct json_to_bson *c, bson_t *out, struct json_value array,
                                struct err *err)
{
    struct json_iter it = json_iter(array);
    struct json_value value;
    enum result result = OK;

    for (uint32_t i = 0; result == OK && json_next(&it, NULL, &value); i++) {
        char text[16];
        const char *key;
        size_t len = bson_uint32_to_string(i, &key, text, sizeof text);

        result = json_to_bson_add(c, out, slice_make(key, len), value, err);
    }
    return result;
}

enum result json_to_bson_add(struct json_to_bson *c, bson_t *out, struct slice key,
                             struct json_value value, struct err *err)
{
    enum result result = OK;
    int len = (int)key.len;
    struct slice text;
    bson_t child;

    if (memchr(key.data, '\0', key.len))
        return err_set(err, REJECT, "validation_error: a key has a NUL in it");
    switch (value.type) {
    case JSON_NULL:
        bson_append_null(out, key.data, len);
        break;
    case JSON_FALSE:
    case JSON_TRUE:
        bson_append_bool(out, key.data, len, value.type == JSON_TRUE);
        break;
    case JSON_NUMBER:
        add_number(out, key, value.raw);
        break;
    case JSON_STRING:
        text = json_to_bson_text(c, value);
        bson_append_utf8(out, key.data, len, text.data, (int)text.len);
        break;
    case JSON_ARRAY:
        bson_append_array_begin(out, key.data, len, &child);
        result = add_elements(c, &child, value, err);
        bson_append_array_end(out, &child);
        break;
    case JSON_OBJECT:
        bson_append_document_begin(out, key.data, len, &child);
        result = add_members(c, &child, value, err);
        bson_append_document_end(out, &child);
        break;
    }
    return result;
}
