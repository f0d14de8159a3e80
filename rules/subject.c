/* SPDX-License-Identifier: MIT */
#include "rules/subject.h"

#include "schemas/json.h"

enum { DEPTH_MAX = 64 };

static bool is_text(struct json_value value, struct slice wanted)
{
    AUTO_BUF arena = {0};

    if (value.type != JSON_STRING)
        return false;
    buf_reserve(&arena, value.raw.len);
    return slice_eq(json_text(value, &arena), wanted);
}

static bool has_member(struct json_value object, const char *name, struct slice wanted)
{
    struct json_iter it = json_iter(object);
    struct json_value key, value;

    while (json_next(&it, &key, &value))
        if (json_key_is(key, name) && is_text(value, wanted))
            return true;
    return false;
}

static bool names(struct json_value object, struct slice user_id)
{
    struct json_iter it = json_iter(object);
    struct json_value key, value;

    if (has_member(object, "userId", user_id))
        return true;
    while (json_next(&it, &key, &value)) {
        if (value.type != JSON_OBJECT)
            continue;
        if (json_key_is(key, "actor") && has_member(value, "id", user_id))
            return true;
        if (json_key_is(key, "data") && names(value, user_id))
            return true;
    }
    return false;
}

static bool is_quoted_in(struct slice value, struct slice user_id)
{
    AUTO_BUF quoted = {0};

    buf_add_json_any(&quoted, user_id);
    return memmem(value.data, value.len, quoted.data, quoted.len) != NULL;
}

bool subject_is(struct slice value, struct slice key, struct slice user_id)
{
    struct err err;

    if (slice_eq(key, user_id))
        return true;
    if (!value.data || json_check(value, DEPTH_MAX, &err) != OK)
        return value.data && is_quoted_in(value, user_id);
    return json_root(value).type == JSON_OBJECT && names(json_root(value), user_id);
}
