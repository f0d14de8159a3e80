/* SPDX-License-Identifier: MIT */
/* json.h - strict JSON (RFC 8259, UTF-8 as RFC 3629), checked once and then walked in place.
 *
 * json_check reads every byte and accepts only what the RFCs allow. All other functions trust
 * that it said OK about the bytes they are given, so they cannot fail and cost little.
 * Pure, no allocation but for json_text. Two equal keys: the last counts. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "common/slice.h"

#include <stdint.h>

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_value {
    enum json_kind type;
    bool escaped;     /* a string with at least one backslash */
    struct slice raw; /* the value's own bytes; a string's include its quotes */
};

enum { JSON_DEPTH_LIMIT = 1024 };

/* One JSON value, with white space around it and nothing else; nested at most `max_depth` (a
 * lone scalar is depth 0, `{}` 1; never more than JSON_DEPTH_LIMIT). An escape that is half of a
 * surrogate pair is refused too: it names no character. REJECT says what and at which byte. */
enum result json_check(struct slice text, unsigned max_depth, struct err *err);

/* The value in checked text. */
struct json_value json_root(struct slice checked);

/* Walks the members of an object or the elements of an array, in order. */
struct json_iter {
    const char *_at, *_end;
    bool _is_object;
};

struct json_iter json_iter(struct json_value container);
/* False at the end. For an array `ret_key` is left alone and may be NULL. */
bool json_next(struct json_iter *it, struct json_value *ret_key, struct json_value *ret_value);

/* A string's text, unescaped: a view of `raw` when nothing was escaped, else bytes appended to
 * `arena` (whose memory must have been reserved, or earlier views of it move: `arena` is
 * reserved by the caller for at least raw.len). May hold NUL. */
struct slice json_text(struct json_value string, struct buf *arena);
/* Does a key, unescaped, equal `text`? */
bool json_key_is(struct json_value key, const char *text);

/* A number as the stores keep it: whole when written without '.' and exponent and it fits, else the
 * nearest double, never infinite. */
struct json_number {
    bool is_whole;
    int64_t whole;
    double real;
};
/* The byte after `raw` must not be part of a number, as within JSON none is. */
struct json_number json_number(struct slice raw);
bool json_number_eq(struct json_number a, struct json_number b); /* in value */

/* Unicode code points in valid UTF-8. */
size_t json_code_points(struct slice text);
bool json_is_compact(struct slice raw); /* has no insignificant white space */
/* Appends the value without insignificant white space; a plain copy when there is none. */
void json_add_compact(struct buf *out, struct slice raw);
