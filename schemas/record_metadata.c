/* SPDX-License-Identifier: MIT */
/* Members whose inside is the client's own: `metadata` and `changes`. Their keys become keys of
 * BSON, which cannot hold NUL, and of a store that takes a leading `$` for an operator. */
#include "schemas/json_scan.h"
#include "schemas/record_reading.h"

#include <stdio.h>

enum { KEY_MAX = 200 };

static const struct slice absent = {0};

enum key_fault { KEY_DOLLAR = 1, KEY_NUL = 2, KEY_LONG = 4 };

static unsigned key_faults(struct json_value key)
{
    const char *text = key.raw.data + 1;
    size_t len = key.raw.len - 2;
    if (!key.escaped)
        return len > 0 && *text == '$' ? KEY_DOLLAR : 0;
    unsigned faults =
        *text == '$' || (len >= 6 && memcmp(text, "\\u0024", 6) == 0) ? KEY_DOLLAR : 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\\')
            continue;
        if (text[i + 1] == 'u' && json_hex4(text + i + 2) == 0)
            faults |= KEY_NUL;
        i++;
    }
    return faults;
}

/* Of a key, before it is known whether its text needs unescaping; an escape is one character, or
 * half of one, in six or two bytes. */
static bool is_long(struct json_value key)
{
    if (key.raw.len - 2 <= KEY_MAX)
        return false;
    AUTO_BUF arena = {0};
    return json_code_points(json_text(key, &arena)) > KEY_MAX;
}

struct inside {
    unsigned faults; /* of all keys, together */
    unsigned depth;  /* of what was deepest */
};

/* Looks at every key inside `v`, flat: a string is a key when a colon follows. */
static struct inside look_inside(struct json_value v)
{
    const char *at = v.raw.data, *end = v.raw.data + v.raw.len;
    struct inside found = {0};
    unsigned depth = 0;
    while (at < end) {
        char c = *at;
        if (c == '"') {
            struct json_value string = {.type = JSON_STRING};
            const char *after = json_string_end(at, end, &string.escaped);
            string.raw = slice_make(at, (size_t)(after - at));
            at = json_skip_space(after, end);
            if (at < end && *at == ':')
                found.faults |= key_faults(string);
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        found.depth = depth > found.depth ? depth : found.depth;
        at++;
    }
    return found;
}

static void look_into(struct json_value v, struct inside *found)
{
    if (v.type != JSON_OBJECT && v.type != JSON_ARRAY)
        return;
    struct inside deeper = look_inside(v);
    found->faults |= deeper.faults;
    found->depth = deeper.depth > found->depth ? deeper.depth : found->depth;
}

static void refuse_keys(struct reading *rd, const char *path, unsigned faults)
{
    if (faults & KEY_DOLLAR)
        reading_refuse(rd, path, "must not contain a key that starts with \"$\"");
    if (faults & KEY_NUL)
        reading_refuse(rd, path, "must not contain a key with a NUL character");
    if (faults & KEY_LONG)
        reading_refuse(rd, path, "must not contain a key longer than %d characters", KEY_MAX);
}

/* What the record may lack and metadata may have. Last of equal keys, as everywhere. */
static void remember(struct reading *rd, struct json_value key, struct json_value v)
{
    switch (field_of(key)) {
    case FIELD_IP:
        rd->metadata.ip = v;
        break;
    case FIELD_USER_AGENT:
        rd->metadata.user_agent = v;
        break;
    case FIELD_SESSION_ID:
        rd->metadata.session_id = v;
        break;
    case FIELD_REQUEST_ID:
        rd->metadata.request_id = v;
        break;
    default:
        break;
    }
}

static bool is_too_large(struct slice raw)
{
    if (raw.len <= RECORD_METADATA_BYTES)
        return false;
    AUTO_BUF compact = {0};
    json_add_compact(&compact, raw);
    return compact.len > RECORD_METADATA_BYTES;
}

struct slice read_metadata(struct reading *rd)
{
    struct json_value v = rd->values[FIELD_METADATA], key, member;
    if (is_absent(v))
        return absent;
    if (v.type != JSON_OBJECT) {
        reading_refuse(rd, "metadata", "must be of type object");
        return absent;
    }
    struct inside found = {0};
    struct json_iter it = json_iter(v);
    while (json_next(&it, &key, &member)) {
        found.faults |= key_faults(key) | (is_long(key) ? KEY_LONG : 0U);
        look_into(member, &found);
        remember(rd, key, member);
    }
    if (is_too_large(v.raw))
        reading_refuse(rd, "metadata", "must be less than or equal to %d bytes",
                       RECORD_METADATA_BYTES);
    if (found.depth + 1 > RECORD_METADATA_DEPTH)
        reading_refuse(rd, "metadata", "must not be nested deeper than %d levels",
                       RECORD_METADATA_DEPTH);
    refuse_keys(rd, "metadata", found.faults);
    return v.raw;
}

static void read_change(struct reading *rd, struct json_value change, size_t index)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "changes[%zu]", index);
    if (change.type != JSON_OBJECT) {
        reading_refuse(rd, path, "must be of type object");
        return;
    }
    struct json_value key, member, name = {0};
    struct json_iter it = json_iter(change);
    while (json_next(&it, &key, &member)) {
        if (json_key_is(key, "field"))
            name = member;
    }
    snprintf(path, sizeof path, "changes[%zu].field", index);
    if (is_absent(name))
        reading_refuse(rd, path, "is required");
    read_text(rd, name, path, NO_LIMIT);
}

struct slice read_changes(struct reading *rd)
{
    struct json_value v = rd->values[FIELD_CHANGES], change;
    if (is_absent(v))
        return absent;
    if (v.type != JSON_ARRAY) {
        reading_refuse(rd, "changes", "must be an array");
        return absent;
    }
    struct json_iter it = json_iter(v);
    for (size_t i = 0; json_next(&it, NULL, &change); i++)
        read_change(rd, change, i);
    refuse_keys(rd, "changes", look_inside(v).faults);
    return v.raw;
}
