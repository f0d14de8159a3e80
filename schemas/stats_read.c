/* SPDX-License-Identifier: MIT */
/* A stats record read back. Strict in what it needs, deaf to members that it does not know: a newer
 * processor may add some. */
#include "common/iso8601.h"
#include "common/mem.h"
#include "schemas/json.h"
#include "schemas/stats.h"

#include <stdlib.h>

enum { DEPTH_MAX = 8, COUNT_DIGITS_MAX = 19 };

struct stats_record {
    struct buf json, arena; /* what the views point into */
    struct stats_bucket bucket;
    struct stats_meta meta;
};

struct stats_record *stats_record_new(void)
{
    return mem_zalloc(sizeof(struct stats_record));
}

void stats_record_free(struct stats_record *r)
{
    if (!r)
        return;
    buf_done(&r->json);
    buf_done(&r->arena);
    free(r);
}

const struct stats_bucket *stats_record_bucket(const struct stats_record *r)
{
    return &r->bucket;
}

const struct stats_meta *stats_record_meta(const struct stats_record *r)
{
    return &r->meta;
}

/* The last member of that name and type; false without. */
static bool find(struct json_value object, const char *name, enum json_kind type,
                 struct json_value *ret)
{
    struct json_value key, value, found = {0};
    struct json_iter it = json_iter(object);
    while (json_next(&it, &key, &value)) {
        if (json_key_is(key, name))
            found = value;
    }
    if (!found.raw.data || found.type != type)
        return false;
    *ret = found;
    return true;
}

static bool read_text(struct stats_record *r, struct json_value object, const char *name,
                      struct slice *ret)
{
    struct json_value v;
    if (!find(object, name, JSON_STRING, &v))
        return false;
    *ret = json_text(v, &r->arena);
    return true;
}

static bool read_time(struct stats_record *r, struct json_value object, const char *name,
                      int64_t *ret)
{
    struct slice text;
    return read_text(r, object, name, &text) && iso8601_parse(text, ret);
}

static bool parse_count(struct json_value v, uint64_t *ret)
{
    uint64_t n = 0;
    if (v.type != JSON_NUMBER || v.raw.len > COUNT_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < v.raw.len; i++) {
        if (v.raw.data[i] < '0' || v.raw.data[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(v.raw.data[i] - '0');
    }
    *ret = n;
    return true;
}

static bool read_count(struct json_value object, const char *name, uint64_t *ret)
{
    struct json_value v;
    return find(object, name, JSON_NUMBER, &v) && parse_count(v, ret);
}

static bool read_cells(struct stats_record *r, struct json_value object, const char *name,
                       struct cells *ret)
{
    struct json_value cells, key, value;
    size_t cell;
    *ret = (struct cells){0};
    if (!find(object, name, JSON_OBJECT, &cells))
        return false;
    struct json_iter it = json_iter(cells);
    while (json_next(&it, &key, &value)) {
        if (!cell_parse(json_text(key, &r->arena), &cell) || !parse_count(value, &ret->n[cell]))
            return false;
    }
    return true;
}

static bool read_shard(struct stats_record *r, struct json_value record, enum window w)
{
    struct stats_shard *s = &r->bucket.windows[w];
    struct json_value v;
    return find(record, window_name(w), JSON_OBJECT, &v) &&
           read_time(r, v, "start", &s->start_ms) && read_text(r, v, "shard", &s->shard) &&
           read_cells(r, v, "cells", &s->cells) && read_time(r, v, "firstAt", &s->first_ms) &&
           read_time(r, v, "lastAt", &s->last_ms);
}

static bool read_bucket(struct stats_record *r, struct json_value record)
{
    struct stats_bucket *b = &r->bucket;
    if (!read_text(r, record, "tenant", &b->tenant) ||
        !read_text(r, record, "service", &b->service) ||
        !read_text(r, record, "action", &b->action) || !read_cells(r, record, "delta", &b->delta))
        return false;
    for (int w = 0; w < WINDOW_COUNT; w++) {
        if (!read_shard(r, record, (enum window)w))
            return false;
    }
    return true;
}

static bool read_meta(struct stats_record *r, struct json_value record)
{
    struct stats_meta *m = &r->meta;
    struct json_value delta;
    return read_text(r, record, "tenant", &m->tenant) &&
           find(record, "delta", JSON_OBJECT, &delta) &&
           read_count(delta, "processed", &m->processed) &&
           read_count(delta, "rejected", &m->rejected) &&
           read_count(delta, "duplicates", &m->duplicates) &&
           read_time(r, record, "watermark", &m->watermark_ms);
}

enum result stats_record_read(struct stats_record *r, struct slice json, enum stats_kind *ret_kind,
                              struct err *err)
{
    struct err why;
    struct slice kind;
    buf_clear(&r->json);
    buf_clear(&r->arena);
    if (json_check(json, DEPTH_MAX, &why) != OK)
        return err_set(err, REJECT, "not a stats record: %s", why.text);
    buf_add_slice(&r->json, json);
    buf_reserve(&r->arena, json.len);

    struct json_value record = json_root(buf_slice(&r->json));
    if (record.type != JSON_OBJECT || !read_text(r, record, "kind", &kind))
        return err_set(err, REJECT, "not a stats record: it has no kind");
    bool is_bucket = slice_is(kind, "bucket");
    if (!is_bucket && !slice_is(kind, "meta"))
        return err_set(err, REJECT, "not a stats record: unknown kind");
    if (is_bucket ? !read_bucket(r, record) : !read_meta(r, record))
        return err_set(err, REJECT, "a member of the %s is missing or wrong",
                       is_bucket ? "bucket" : "meta record");
    *ret_kind = is_bucket ? STATS_BUCKET : STATS_META;
    return OK;
}
