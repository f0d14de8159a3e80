/* SPDX-License-Identifier: MIT */
#include "schemas/otlp_any.h"

#include <ctype.h>

enum { DIGITS_MAX = 20 };

static const struct json_value absent = {.type = JSON_NULL, .raw = {NULL, 0}};

struct json_value otlp_member(struct json_value object, const char *name)
{
    struct json_value key, value, found = absent;

    if (object.type != JSON_OBJECT)
        return absent;
    struct json_iter it = json_iter(object);
    while (json_next(&it, &key, &value))
        if (json_key_is(key, name))
            found = value.type == JSON_NULL ? absent : value;
    return found;
}

struct json_value otlp_attribute(struct json_value list, const char *name)
{
    struct json_value item, found = absent;

    if (list.type != JSON_ARRAY)
        return absent;
    struct json_iter it = json_iter(list);
    while (json_next(&it, NULL, &item)) {
        struct json_value key = otlp_member(item, "key");

        if (key.type == JSON_STRING && json_key_is(key, name))
            found = otlp_member(item, "value");
    }
    return found;
}

/* --- AnyValue to JSON --- */

void otlp_add_attributes(struct buf *out, struct json_value list, bool *ret_some)
{
    struct json_value item;

    if (list.type != JSON_ARRAY)
        return;
    struct json_iter it = json_iter(list);
    while (json_next(&it, NULL, &item)) {
        struct json_value key = otlp_member(item, "key");

        if (key.type != JSON_STRING)
            continue;
        if (*ret_some)
            buf_add_char(out, ',');
        *ret_some = true;
        buf_add_slice(out, key.raw);
        buf_add_char(out, ':');
        otlp_add_any(out, otlp_member(item, "value"));
    }
}

static void add_array(struct buf *out, struct json_value values)
{
    struct json_value item;
    const char *separator = "";

    buf_add_char(out, '[');
    if (values.type == JSON_ARRAY) {
        struct json_iter it = json_iter(values);
        for (; json_next(&it, NULL, &item); separator = ",") {
            buf_add_text(out, separator);
            otlp_add_any(out, item);
        }
    }
    buf_add_char(out, ']');
}

bool otlp_is_integer(struct slice digits)
{
    size_t at = digits.len > 0 && digits.data[0] == '-' ? 1 : 0;

    if (at == digits.len || digits.len > DIGITS_MAX ||
        (digits.data[at] == '0' && digits.len > at + 1))
        return false;
    for (; at < digits.len; at++)
        if (!isdigit((unsigned char)digits.data[at]))
            return false;
    return true;
}

/* 64-bit integers come as strings, so that JavaScript does not round them. */
static void add_integer(struct buf *out, struct json_value value)
{
    struct slice inner = slice_make(value.raw.data + 1, value.raw.len - 2);
    bool quoted = value.type == JSON_STRING && value.raw.len > 2 && otlp_is_integer(inner);

    buf_add_slice(out, quoted ? inner : value.raw);
}

void otlp_add_any(struct buf *out, struct json_value any)
{
    static const char *const scalars[] = {"stringValue", "boolValue", "doubleValue", "bytesValue"};
    struct json_value value;
    bool some = false;

    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
        if ((value = otlp_member(any, scalars[i])).raw.data && value.type != JSON_OBJECT &&
            value.type != JSON_ARRAY) {
            buf_add_slice(out, value.raw);
            return;
        }
    if ((value = otlp_member(any, "intValue")).type == JSON_STRING || value.type == JSON_NUMBER) {
        add_integer(out, value);
    } else if ((value = otlp_member(any, "arrayValue")).raw.data) {
        add_array(out, otlp_member(value, "values"));
    } else if ((value = otlp_member(any, "kvlistValue")).raw.data) {
        buf_add_char(out, '{');
        otlp_add_attributes(out, otlp_member(value, "values"), &some);
        buf_add_char(out, '}');
    } else {
        buf_add_text(out, "null");
    }
}

struct slice otlp_text(struct json_value any, struct buf *arena)
{
    struct json_value text = otlp_member(any, "stringValue"), number = otlp_member(any, "intValue");
    size_t from = arena->len;

    if (text.type == JSON_STRING) {
        buf_reserve(arena, text.raw.len);
        return json_text(text, arena);
    }
    if (number.type != JSON_STRING && number.type != JSON_NUMBER)
        return (struct slice){NULL, 0};
    add_integer(arena, number);
    return slice_make(arena->data + from, arena->len - from);
}
