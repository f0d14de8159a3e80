/* SPDX-License-Identifier: MIT */
#include "indexer/stats_document.h"

#include "common/iso8601.h"
#include "common/mem.h"
#include "common/text_table.h"

#include <stdlib.h>

enum { FIRST_SHARDS = 128, MINUTE_DAYS = 90, HOUR_DAYS = 400 };

#define DAY_MS INT64_C(86400000)

struct text {
    size_t at, len; /* into the merge's own bytes, which move as they grow */
};

struct shard {
    struct text tenant, service, action, shard;
    enum window window;
    int64_t start_ms, first_ms, last_ms;
    struct cells cells;
    bool is_first; /* with its first record, and not known to be taken */
    bool is_stored;
};

struct stats_merge {
    struct text_table ids;
    struct shard *shards; /* in the places of their ids */
    size_t cap;
    struct buf text, id;
};

struct stats_merge *stats_merge_new(void)
{
    struct stats_merge *m = mem_zalloc(sizeof *m);

    text_table_init(&m->ids);
    return m;
}

void stats_merge_free(struct stats_merge *m)
{
    if (!m)
        return;
    text_table_done(&m->ids);
    free(m->shards);
    buf_done(&m->text);
    buf_done(&m->id);
    free(m);
}

void stats_merge_clear(struct stats_merge *m)
{
    text_table_clear(&m->ids);
    buf_clear(&m->text);
}

size_t stats_merge_count(const struct stats_merge *m)
{
    return m->ids.count;
}

static struct slice view(const struct stats_merge *m, struct text t)
{
    return slice_make(m->text.data + t.at, t.len);
}

static struct text keep(struct stats_merge *m, struct slice s)
{
    struct text t = {m->text.len, s.len};

    buf_add_slice(&m->text, s);
    return t;
}

/* tenant|window|start|service|action|shard */
static struct slice shard_id(struct stats_merge *m, const struct stats_bucket *b, enum window w)
{
    char start[ISO8601_LEN];
    const struct slice parts[] = {
        b->tenant, slice_of(window_name(w)), {start, sizeof start}, b->service,
        b->action, b->windows[w].shard};

    iso8601_format(b->windows[w].start_ms, start);
    buf_clear(&m->id);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (i > 0)
            buf_add_char(&m->id, '|');
        buf_add_slice(&m->id, parts[i]);
    }
    return buf_slice(&m->id);
}

/* All that it counted is new. */
static bool is_first_record(const struct stats_bucket *b, enum window w)
{
    return memcmp(&b->windows[w].cells, &b->delta, sizeof b->delta) == 0;
}

static void merge_into(struct shard *s, const struct stats_shard *more)
{
    if (more->first_ms < s->first_ms)
        s->first_ms = more->first_ms;
    if (more->last_ms > s->last_ms)
        s->last_ms = more->last_ms;
    for (size_t i = 0; i < CELL_COUNT; i++)
        if (more->cells.n[i] > s->cells.n[i])
            s->cells.n[i] = more->cells.n[i];
}

static void add_shard(struct stats_merge *m, const struct stats_bucket *b, enum window w)
{
    const struct stats_shard *more = &b->windows[w];
    bool is_new;
    size_t place = text_table_place(&m->ids, shard_id(m, b, w), &is_new);

    if (!is_new) {
        merge_into(&m->shards[place], more);
        m->shards[place].is_first |= is_first_record(b, w);
        return;
    }
    if (place == m->cap) {
        m->cap = m->cap ? m->cap * 2 : FIRST_SHARDS;
        m->shards = mem_realloc(m->shards, m->cap * sizeof *m->shards);
    }
    m->shards[place] = (struct shard){
        .tenant = keep(m, b->tenant),
        .service = keep(m, b->service),
        .action = keep(m, b->action),
        .shard = keep(m, more->shard),
        .window = w,
        .start_ms = more->start_ms,
        .first_ms = more->first_ms,
        .last_ms = more->last_ms,
        .cells = more->cells,
        .is_first = is_first_record(b, w),
    };
}

void stats_merge_add(struct stats_merge *m, const struct stats_bucket *b)
{
    for (int w = 0; w < WINDOW_COUNT; w++)
        add_shard(m, b, (enum window)w);
}

static void add_text(bson_t *doc, const char *key, struct slice s)
{
    bson_append_utf8(doc, key, -1, s.data ? s.data : "", (int)s.len);
}

static void add_maxima(const struct shard *s, bson_t *update)
{
    bson_t max;

    BSON_APPEND_DOCUMENT_BEGIN(update, "$max", &max);
    for (size_t i = 0; i < CELL_COUNT; i++) {
        char key[48];

        if (s->cells.n[i] == 0)
            continue;
        snprintf(key, sizeof key, "cells.%s", cell_name(i));
        bson_append_int64(&max, key, -1, (int64_t)s->cells.n[i]);
    }
    BSON_APPEND_DATE_TIME(&max, "lastAt", s->last_ms);
    bson_append_document_end(update, &max);
}

void stats_append_expiry(bson_t *out, enum window w, int64_t start_ms)
{
    if (w == WINDOW_MINUTE)
        BSON_APPEND_DATE_TIME(out, "expireAt", start_ms + MINUTE_DAYS * DAY_MS);
    else if (w == WINDOW_HOUR)
        BSON_APPEND_DATE_TIME(out, "expireAt", start_ms + HOUR_DAYS * DAY_MS);
}

static void add_fixed(const struct stats_merge *m, const struct shard *s, bson_t *doc)
{
    add_text(doc, "tenant", view(m, s->tenant));
    add_text(doc, "window", slice_of(window_name(s->window)));
    BSON_APPEND_DATE_TIME(doc, "start", s->start_ms);
    add_text(doc, "service", view(m, s->service));
    add_text(doc, "action", view(m, s->action));
    add_text(doc, "shard", view(m, s->shard));
    stats_append_expiry(doc, s->window, s->start_ms);
}

void stats_merge_update(const struct stats_merge *m, size_t i, bson_t *selector, bson_t *update)
{
    const struct shard *s = &m->shards[i];
    bson_t min, fixed;

    add_text(selector, "_id", text_table_text(&m->ids, i));
    add_maxima(s, update);
    BSON_APPEND_DOCUMENT_BEGIN(update, "$min", &min);
    BSON_APPEND_DATE_TIME(&min, "firstAt", s->first_ms);
    bson_append_document_end(update, &min);
    BSON_APPEND_DOCUMENT_BEGIN(update, "$setOnInsert", &fixed);
    add_fixed(m, s, &fixed);
    bson_append_document_end(update, &fixed);
}

bool stats_merge_is_first(const struct stats_merge *m, size_t i)
{
    return m->shards[i].is_first;
}

void stats_merge_document(const struct stats_merge *m, size_t i, bson_t *doc)
{
    const struct shard *s = &m->shards[i];
    bson_t cells;

    add_text(doc, "_id", text_table_text(&m->ids, i));
    BSON_APPEND_DOCUMENT_BEGIN(doc, "cells", &cells);
    for (size_t c = 0; c < CELL_COUNT; c++)
        if (s->cells.n[c] > 0)
            BSON_APPEND_INT64(&cells, cell_name(c), (int64_t)s->cells.n[c]);
    bson_append_document_end(doc, &cells);
    BSON_APPEND_DATE_TIME(doc, "lastAt", s->last_ms);
    BSON_APPEND_DATE_TIME(doc, "firstAt", s->first_ms);
    add_fixed(m, s, doc);
}

void stats_merge_inserted(struct stats_merge *m, size_t i, bool is_stored)
{
    m->shards[i].is_first = false;
    m->shards[i].is_stored = is_stored;
}

bool stats_merge_is_stored(const struct stats_merge *m, size_t i)
{
    return m->shards[i].is_stored;
}

void watermark_update(struct slice tenant, int32_t partition, int64_t watermark_ms,
                      bson_t *selector, bson_t *update)
{
    AUTO_BUF id = {0};
    bson_t part;

    buf_printf(&id, "%.*s|%d", SLICE_ARG(tenant), partition);
    add_text(selector, "_id", buf_slice(&id));
    BSON_APPEND_DOCUMENT_BEGIN(update, "$max", &part);
    BSON_APPEND_DATE_TIME(&part, "watermark", watermark_ms);
    bson_append_document_end(update, &part);
    BSON_APPEND_DOCUMENT_BEGIN(update, "$setOnInsert", &part);
    add_text(&part, "tenant", tenant);
    BSON_APPEND_INT32(&part, "partition", partition);
    bson_append_document_end(update, &part);
}
