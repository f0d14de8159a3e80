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

/* A member that a record must have. */
struct member {
    const char *name;
    enum json_kind type;
    struct json_value value;
};

/* One walk finds them all; of equal names the last counts. Our writer keeps to the order of
 * `wanted`, so the one after the last found is tried first. */
static bool find(struct json_value object, struct member *wanted, size_t count)
{
    struct json_value key, value;
    struct json_iter it = json_iter(object);
    size_t next = 0;
    while (json_next(&it, &key, &value)) {
        size_t tried = 0;
        while (tried < count && !json_key_is(key, wanted[(next + tried) % count].name))
            tried++;
        if (tried == count)
            continue;
        next = (next + tried) % count;
        wanted[next++].value = value;
    }
    for (size_t i = 0; i < count; i++)
        if (!wanted[i].value.raw.data || wanted[i].value.type != wanted[i].type)
            return false;
    return true;
}

static struct slice text_of(struct stats_record *r, struct json_value string)
{
    return json_text(string, &r->arena);
}

static bool parse_time(struct stats_record *r, struct json_value string, int64_t *ret)
{
    return iso8601_parse(text_of(r, string), ret);
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

static bool parse_cells(struct stats_record *r, struct json_value cells, struct cells *ret)
{
    struct json_value key, value;
    struct json_iter it = json_iter(cells);
    size_t cell;
    *ret = (struct cells){0};
    while (json_next(&it, &key, &value)) {
        if (!cell_parse(text_of(r, key), &cell) || !parse_count(value, &ret->n[cell]))
            return false;
    }
    return true;
}

static bool read_shard(struct stats_record *r, struct json_value window, struct stats_shard *ret)
{
    enum { START, SHARD, CELLS, FIRST, LAST, COUNT };
    struct member m[COUNT] = {
        [START] = {.name = "start", .type = JSON_STRING},
        [SHARD] = {.name = "shard", .type = JSON_STRING},
        [CELLS] = {.name = "cells", .type = JSON_OBJECT},
        [FIRST] = {.name = "firstAt", .type = JSON_STRING},
        [LAST] = {.name = "lastAt", .type = JSON_STRING},
    };
    if (!find(window, m, COUNT))
        return false;
    ret->shard = text_of(r, m[SHARD].value);
    return parse_time(r, m[START].value, &ret->start_ms) &&
           parse_cells(r, m[CELLS].value, &ret->cells) &&
           parse_time(r, m[FIRST].value, &ret->first_ms) &&
           parse_time(r, m[LAST].value, &ret->last_ms);
}

static bool read_bucket(struct stats_record *r, struct json_value record)
{
    enum { TENANT, SERVICE, ACTION, DELTA, WINDOWS, COUNT = WINDOWS + WINDOW_COUNT };
    struct stats_bucket *b = &r->bucket;
    struct member m[COUNT] = {
        [TENANT] = {.name = "tenant", .type = JSON_STRING},
        [SERVICE] = {.name = "service", .type = JSON_STRING},
        [ACTION] = {.name = "action", .type = JSON_STRING},
        [DELTA] = {.name = "delta", .type = JSON_OBJECT},
    };
    for (int w = 0; w < WINDOW_COUNT; w++)
        m[WINDOWS + w] = (struct member){.name = window_name((enum window)w), .type = JSON_OBJECT};
    if (!find(record, m, COUNT) || !parse_cells(r, m[DELTA].value, &b->delta))
        return false;
    b->tenant = text_of(r, m[TENANT].value);
    b->service = text_of(r, m[SERVICE].value);
    b->action = text_of(r, m[ACTION].value);
    for (int w = 0; w < WINDOW_COUNT; w++) {
        if (!read_shard(r, m[WINDOWS + w].value, &b->windows[w]))
            return false;
    }
    return true;
}

static bool read_delta(struct json_value delta, struct stats_meta *ret)
{
    enum { PROCESSED, REJECTED, DUPLICATES, COUNT };
    struct member m[COUNT] = {
        [PROCESSED] = {.name = "processed", .type = JSON_NUMBER},
        [REJECTED] = {.name = "rejected", .type = JSON_NUMBER},
        [DUPLICATES] = {.name = "duplicates", .type = JSON_NUMBER},
    };
    return find(delta, m, COUNT) && parse_count(m[PROCESSED].value, &ret->processed) &&
           parse_count(m[REJECTED].value, &ret->rejected) &&
           parse_count(m[DUPLICATES].value, &ret->duplicates);
}

static bool read_meta(struct stats_record *r, struct json_value record)
{
    enum { TENANT, DELTA, WATERMARK, COUNT };
    struct member m[COUNT] = {
        [TENANT] = {.name = "tenant", .type = JSON_STRING},
        [DELTA] = {.name = "delta", .type = JSON_OBJECT},
        [WATERMARK] = {.name = "watermark", .type = JSON_STRING},
    };
    if (!find(record, m, COUNT))
        return false;
    r->meta.tenant = text_of(r, m[TENANT].value);
    return read_delta(m[DELTA].value, &r->meta) &&
           parse_time(r, m[WATERMARK].value, &r->meta.watermark_ms);
}

static bool read_kind(struct stats_record *r, struct json_value record, struct slice *ret)
{
    struct member m = {.name = "kind", .type = JSON_STRING};
    if (!find(record, &m, 1))
        return false;
    *ret = text_of(r, m.value);
    return true;
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
    if (record.type != JSON_OBJECT || !read_kind(r, record, &kind))
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
