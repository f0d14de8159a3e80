/* SPDX-License-Identifier: MIT */
#include "gateway/log_json.h"

#include "common/iso8601.h"

#include <math.h>
#include <stdlib.h>

/* The members that stand first, and those that are not shown. */
enum { FIRST = 8, NAMED = 11, OTHER = NAMED };
static const struct slice named[NAMED] = {
    {"_id", 3},      {"service", 7},  {"action", 6},    {"userId", 6},
    {"metadata", 8}, {"severity", 8}, {"timestamp", 9}, {"createdAt", 9},
    {"src", 3},      {"hash", 4},     {"expireAt", 8},
};

enum { DEPTH_MAX = 64 }; /* deeper than any record that the service accepts */

static void add_value(struct buf *out, const bson_iter_t *at, unsigned depth);

/* The fewest digits that read back as the same number. */
static void add_double(struct buf *out, double value)
{
    char text[40];

    if (!isfinite(value)) { /* JSON has no word for it */
        buf_add_text(out, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_add_text(out, text);
}

static void add_date(struct buf *out, int64_t ms)
{
    static const int64_t year_0 = -62167219200000, year_10000 = 253402300800000;
    char text[ISO8601_LEN];

    if (ms < year_0 || ms >= year_10000) { /* not ours: records end at year 9999 */
        buf_add_text(out, "null");
        return;
    }
    iso8601_format(ms, text);
    buf_add_json(out, slice_make(text, sizeof text));
}

static struct slice text_of(const bson_iter_t *at)
{
    uint32_t len = 0;
    const char *text = bson_iter_utf8(at, &len);
    return slice_make(text, len);
}

static void add_oid(struct buf *out, const bson_oid_t *oid)
{
    char text[25];
    bson_oid_to_string(oid, text);
    buf_add_json(out, slice_of(text));
}

static void add_member(struct buf *out, const bson_iter_t *at, bool *is_first, unsigned depth)
{
    if (!*is_first)
        buf_add_char(out, ',');
    *is_first = false;
    buf_add_json(out, slice_make(bson_iter_key(at), bson_iter_key_len(at)));
    buf_add_char(out, ':');
    add_value(out, at, depth);
}

static void add_object(struct buf *out, const bson_iter_t *at, unsigned depth)
{
    bson_iter_t child;
    bool is_first = true;

    buf_add_char(out, '{');
    if (depth < DEPTH_MAX && bson_iter_recurse(at, &child))
        while (bson_iter_next(&child))
            add_member(out, &child, &is_first, depth + 1);
    buf_add_char(out, '}');
}

static void add_array(struct buf *out, const bson_iter_t *at, unsigned depth)
{
    bson_iter_t child;
    const char *separator = "";

    buf_add_char(out, '[');
    if (depth < DEPTH_MAX && bson_iter_recurse(at, &child))
        for (; bson_iter_next(&child); separator = ",") {
            buf_add_text(out, separator);
            add_value(out, &child, depth + 1);
        }
    buf_add_char(out, ']');
}

static void add_value(struct buf *out, const bson_iter_t *at, unsigned depth)
{
    switch (bson_iter_type(at)) {
    case BSON_TYPE_UTF8:
        buf_add_json(out, text_of(at));
        break;
    case BSON_TYPE_DATE_TIME:
        add_date(out, bson_iter_date_time(at));
        break;
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
        buf_add_i64(out, bson_iter_as_int64(at));
        break;
    case BSON_TYPE_DOUBLE:
        add_double(out, bson_iter_double(at));
        break;
    case BSON_TYPE_BOOL:
        buf_add_text(out, bson_iter_bool(at) ? "true" : "false");
        break;
    case BSON_TYPE_DOCUMENT:
        add_object(out, at, depth);
        break;
    case BSON_TYPE_ARRAY:
        add_array(out, at, depth);
        break;
    case BSON_TYPE_OID:
        add_oid(out, bson_iter_oid(at));
        break;
    default: /* null, and what no record can hold */
        buf_add_text(out, "null");
        break;
    }
}

static size_t place_of(const bson_iter_t *at)
{
    struct slice key = slice_make(bson_iter_key(at), bson_iter_key_len(at));
    size_t place = 0;

    while (place < NAMED && !slice_eq(key, named[place]))
        place++;
    return place;
}

static void add_id(struct buf *out, const bson_iter_t *at, bool *is_first)
{
    struct slice id = text_of(at);
    const char *slash = id.len > 0 ? memchr(id.data, '/', id.len) : NULL;

    if (!BSON_ITER_HOLDS_UTF8(at)) {
        add_member(out, at, is_first, 0);
        return;
    }
    if (slash) /* tenant/id; neither may hold a slash */
        id = slice_make(slash + 1, id.len - (size_t)(slash + 1 - id.data));
    buf_add_text(out, "\"_id\":");
    buf_add_json(out, id);
    *is_first = false;
}

void log_json_add(struct buf *out, const bson_t *doc)
{
    struct {
        bson_iter_t at; /* aligned more widely than it is large: no array of its own */
        bool is_there;
    } found[FIRST];
    bson_iter_t at;
    bool is_first = true;

    for (size_t i = 0; i < FIRST; i++)
        found[i].is_there = false;

    if (bson_iter_init(&at, doc))
        while (bson_iter_next(&at)) {
            size_t place = place_of(&at);

            if (place < FIRST && !found[place].is_there) {
                found[place].is_there = true;
                found[place].at = at;
            }
        }
    buf_add_char(out, '{');
    if (found[0].is_there)
        add_id(out, &found[0].at, &is_first);
    for (size_t i = 1; i < FIRST; i++)
        if (found[i].is_there)
            add_member(out, &found[i].at, &is_first, 0);
    if (bson_iter_init(&at, doc))
        while (bson_iter_next(&at))
            if (place_of(&at) == OTHER)
                add_member(out, &at, &is_first, 0);
    buf_add_char(out, '}');
}
