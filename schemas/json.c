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

static enum json_kind kind_of(char first)
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

/* Fills in a value member by member: a struct put together elsewhere and copied costs a stalled
 * load each time, a third of a whole walk. Returns where the value ends. */
static inline const char *read_string(const char *at, const char *end, struct json_value *ret)
{
    const char *after = json_string_end(at, end, &ret->escaped);
    ret->type = JSON_STRING;
    ret->raw.data = at;
    ret->raw.len = (size_t)(after - at);
    return after;
}

static inline const char *read_value(const char *at, const char *end, struct json_value *ret)
{
    if (*at == '"')
        return read_string(at, end, ret);
    bool is_container = *at == '{' || *at == '[';
    const char *after = is_container ? container_end(at, end) : scalar_end(at, end);
    ret->type = kind_of(*at);
    ret->escaped = false;
    ret->raw.data = at;
    ret->raw.len = (size_t)(after - at);
    return after;
}

/* Nothing but white space is around the value, so a container's end need not be looked for. */
struct json_value json_root(struct slice checked)
{
    const char *end = checked.data + checked.len, *at = json_skip_space(checked.data, end);
    struct json_value value = {.type = JSON_NULL};
    if (at < end && *at != '{' && *at != '[') {
        read_value(at, end, &value);
    } else if (at < end) {
        while (json_is_space(end[-1]))
            end--;
        value.type = kind_of(*at);
        value.raw = slice_make(at, (size_t)(end - at));
    }
    return value;
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
        at = json_skip_space(read_string(at, end, ret_key), end);
        at = json_skip_space(at + (at < end), end); /* the colon */
        if (at >= end)
            return false;
    }
    it->_at = read_value(at, end, ret_value);
    return true;
}
