/* SPDX-License-Identifier: MIT */
/* json_to_bson.h - checked JSON as BSON. Pure.
 *
 * Integers become int32 or int64 where they fit, every other number the nearest finite double.
 * Keys and text are kept as they are; of equal keys in one object the last counts. The input must
 * have passed json_check, whose depth limit bounds the recursion here. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "schemas/json.h"

#include <bson/bson.h>

struct json_member {
    struct slice key; /* unescaped */
    struct json_value value;
    bool shadowed; /* an equal key follows */
};

/* Memory that serves one conversion after another. A zeroed struct is ready for use. */
struct json_to_bson {
    struct buf _text;
    struct json_member *_members; /* a stack: those of the object being walked lie on top */
    size_t _count, _cap;
};

void json_to_bson_done(struct json_to_bson *c);

/* Starts a conversion of `object`, whose bytes must outlive it: reads its members, which are then
 * json_to_bson_member(c, 0) … (c, count - 1). */
void json_to_bson_begin(struct json_to_bson *c, struct json_value object, size_t *ret_count);
struct json_member json_to_bson_member(const struct json_to_bson *c, size_t i);

/* A string's text, unescaped; lives until the next json_to_bson_begin. */
struct slice json_to_bson_text(struct json_to_bson *c, struct json_value string);

/* Appends `value` under `key`. REJECT: a key that BSON cannot hold, since it has a NUL in it. */
enum result json_to_bson_add(struct json_to_bson *c, bson_t *out, struct slice key,
                             struct json_value value, struct err *err);
