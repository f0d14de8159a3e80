/* SPDX-License-Identifier: MIT */
#include "schemas/stats.h"
#include "common/iso8601.h"

static void add_text(struct buf *out, const char *name, struct slice text)
{
    buf_add_text(out, name);
    buf_add_json(out, text);
}

static void add_time(struct buf *out, const char *name, int64_t ms)
{
    char text[ISO8601_LEN];
    iso8601_format(ms, text);
    add_text(out, name, slice_make(text, sizeof text));
}

static void add_cells(struct buf *out, const char *name, const struct cells *c)
{
    const char *before = "\"";
    buf_add_text(out, name);
    buf_add_char(out, '{');
    for (size_t i = 0; i < CELL_COUNT; i++) {
        if (c->n[i] == 0)
            continue;
        buf_add_text(out, before);
        buf_add_text(out, cell_name(i));
        buf_add_text(out, "\":");
        buf_add_u64(out, c->n[i]);
        before = ",\"";
    }
    buf_add_char(out, '}');
}

static void add_shard(struct buf *out, enum window w, const struct stats_shard *s)
{
    buf_add_text(out, ",\"");
    buf_add_text(out, window_name(w));
    add_time(out, "\":{\"start\":", s->start_ms);
    add_text(out, ",\"shard\":", s->shard);
    add_cells(out, ",\"cells\":", &s->cells);
    add_time(out, ",\"firstAt\":", s->first_ms);
    add_time(out, ",\"lastAt\":", s->last_ms);
    buf_add_char(out, '}');
}

void stats_bucket_key(struct buf *out, const struct stats_bucket *b)
{
    const struct stats_shard *minute = &b->windows[WINDOW_MINUTE];
    char start[ISO8601_LEN];
    iso8601_format(minute->start_ms, start);
    struct slice parts[] = {b->tenant, slice_make(start, sizeof start), b->service, b->action};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_add_slice(out, parts[i]);
        buf_add_char(out, '|');
    }
    buf_add_slice(out, minute->shard);
}

void stats_bucket_write(struct buf *out, const struct stats_bucket *b)
{
    add_text(out, "{\"kind\":\"bucket\",\"tenant\":", b->tenant);
    add_text(out, ",\"service\":", b->service);
    add_text(out, ",\"action\":", b->action);
    add_cells(out, ",\"delta\":", &b->delta);
    for (int w = 0; w < WINDOW_COUNT; w++)
        add_shard(out, (enum window)w, &b->windows[w]);
    buf_add_char(out, '}');
}

static void add_count(struct buf *out, const char *name, uint64_t n)
{
    buf_add_text(out, name);
    buf_add_u64(out, n);
}

void stats_meta_write(struct buf *out, const struct stats_meta *m)
{
    add_text(out, "{\"kind\":\"meta\",\"tenant\":", m->tenant);
    add_count(out, ",\"delta\":{\"processed\":", m->processed);
    add_count(out, ",\"rejected\":", m->rejected);
    add_count(out, ",\"duplicates\":", m->duplicates);
    add_time(out, "},\"watermark\":", m->watermark_ms);
    buf_add_char(out, '}');
}
