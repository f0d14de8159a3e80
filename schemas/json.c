/* SPDX-License-Identifier: MIT */
#include "schemas/json.h"
#include "schemas/json_scan.h"

/* Every bound is looked at although checked text never meets it: a caller's mistake then reads
 * too little, not too far. */
static const char *container_end(const char *at, const char *end)
{
    unsigned depth = 0;
    bool escaped;
    while (at < end) {
        char c = *at;
        at = c == '"' ? json_string_end(at, end, &escaped) : at + 1;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
    return end;
}

static const char *scalar_end(const char *at, const char *end)
{
    while (at < end && *at != ',' && *at != ']' && *at != '}' && !json_is_space(*at))
        at++;
    return at;
}

static enum json_type type_of(char first)
{
    switch (first) {
    case '"':
        return JSON_STRING;
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

static struct json_value value_at(const char *at, const char *end)
{
    if (at >= end)
        return (struct json_value){.type = JSON_NULL, .raw = slice_make(end, 0)};
    struct json_value value = {.type = type_of(*at)};
    const char *after;
    if (value.type == JSON_STRING)
        after = json_string_end(at, end, &value.escaped);
    else if (value.type == JSON_OBJECT || value.type == JSON_ARRAY)
        after = container_end(at, end);
    else
        after = scalar_end(at, end);
    value.raw = slice_make(at, (size_t)(after - at));
    return value;
}

struct json_value json_root(struct slice checked)
{
    const char *end = checked.data + checked.len;
    return value_at(json_skip_space(checked.data, end), end);
}

struct json_iter json_iter(struct json_value container)
{
    struct json_iter it = {._is_object = container.type == JSON_OBJECT};
    if (container.type == JSON_OBJECT || container.type == JSON_ARRAY) {
        it._at = container.raw.data + 1;
        it._end = container.raw.data + container.raw.len;
    }
    return it;
}

bool json_next(struct json_iter *it, struct json_value *ret_key, struct json_value *ret_value)
{
    const char *end = it->_end, *at = json_skip_space(it->_at, end);
    if (at < end && *at == ',')
        at = json_skip_space(at + 1, end);
    if (at >= end || *at == '}' || *at == ']')
        return false;
    if (it->_is_object) {
        struct json_value key = value_at(at, end);
        at = json_skip_space(key.raw.data + key.raw.len, end);
        at = json_skip_space(at + (at < end), end); /* the colon */
        if (ret_key)
            *ret_key = key;
    }
    *ret_value = value_at(at, end);
    it->_at = ret_value->raw.data + ret_value->raw.len;
    return true;
}
