/* SPDX-License-Identifier: MIT */
#include "rules/subject.h"

#include "schemas/json.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

struct asking {
    bool (*is)(void *ctx, struct slice user_id);
    void *ctx;
};

static bool ask(const struct asking *a, struct slice user_id)
{
    return user_id.data && a->is(a->ctx, user_id);
}

/* --- in JSON --- */

static bool ask_scalar(const struct asking *a, struct json_value value)
{
    AUTO_BUF arena = {0};

    if (value.type != JSON_STRING)
        return ask(a, value.raw);
    buf_reserve(&arena, value.raw.len);
    return ask(a, json_text(value, &arena));
}

static bool names_someone(struct json_value key)
{
    return json_key_is(key, "userId") || json_key_is(key, "actor") || json_key_is(key, "actorId");
}

/* `named`: a member above names someone. */
static bool look_in(const struct asking *a, struct json_value value, bool named)
{
    struct json_value key, item;
    struct json_iter it;

    if (value.type != JSON_OBJECT && value.type != JSON_ARRAY)
        return named && ask_scalar(a, value);
    it = json_iter(value);
    while (json_next(&it, &key, &item))
        if (look_in(a, item, named || (value.type == JSON_OBJECT && names_someone(key))))
            return true;
    return false;
}

/* --- in anything else --- */

static bool look_between(const struct asking *a, struct slice text, const char *marks)
{
    size_t from = 0;

    for (size_t at = 0; at <= text.len; at++) {
        if (at < text.len && !(text.data[at] && strchr(marks, text.data[at])))
            continue;
        if (at > from && ask(a, slice_make(text.data + from, at - from)))
            return true;
        from = at + 1;
    }
    return false;
}

bool subject_any(struct slice value, struct slice key, bool (*is)(void *ctx, struct slice user_id),
                 void *ctx)
{
    const struct asking a = {is, ctx};
    struct err err;

    if (ask(&a, key))
        return true;
    if (!value.data)
        return false;
    if (json_check(value, DEPTH_MAX, &err) == OK)
        return look_in(&a, json_root(value), false);
    return look_between(&a, value, "\"") || look_between(&a, value, " \t\r\n\"'=&,;{}[]()<>");
}
