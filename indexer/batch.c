/* SPDX-License-Identifier: MIT */
#include "indexer/batch.h"

#include "common/mem.h"

#include <stdlib.h>

struct batch *batch_new(void)
{
    struct batch *b = mem_zalloc(sizeof *b);

    b->entries = mem_alloc(BATCH_ENTRIES * sizeof *b->entries);
    b->watermarks = mem_alloc(BATCH_WATERMARKS * sizeof *b->watermarks);
    b->stats = stats_merge_new();
    b->totals = totals_new();
    b->chunk = BATCH_CHUNK;
    return b;
}

void batch_free(struct batch *b)
{
    if (!b)
        return;
    batch_clear(b);
    stats_merge_free(b->stats);
    totals_free(b->totals);
    free(b->entries);
    free(b->watermarks);
    free(b->ends);
    free(b);
}

static void entry_done(struct entry *e)
{
    if (e->doc)
        bson_destroy(e->doc);
    if (e->message)
        rd_kafka_message_destroy(e->message);
    free(e->why);
}

void batch_clear(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++)
        entry_done(&b->entries[i]);
    for (size_t i = 0; i < b->watermark_count; i++)
        free(b->watermarks[i].tenant);
    stats_merge_clear(b->stats);
    totals_clear(b->totals);
    b->count = b->bytes = b->stats_records = b->watermark_count = 0;
    b->end_count = b->shards_done = b->totals_done = 0;
    b->shard_refusals = 0;
    b->watermarks_done = false;
    b->chunk = BATCH_CHUNK;
}

bool batch_full(const struct batch *b)
{
    return b->count >= BATCH_ENTRIES || b->bytes >= BATCH_BYTES ||
           stats_merge_count(b->stats) + WINDOW_COUNT > BATCH_SHARDS ||
           b->watermark_count >= BATCH_WATERMARKS || b->stats_records >= BATCH_STATS_RECORDS;
}

bool batch_empty(const struct batch *b)
{
    return b->end_count == 0;
}

bool batch_idle(const struct batch *b)
{
    return b->count == 0 && b->stats_records == 0;
}

void batch_add_end(struct batch *b, struct position end)
{
    for (size_t i = 0; i < b->end_count; i++) {
        struct position *p = &b->ends[i];

        if (p->stream == end.stream && p->partition == end.partition) {
            p->offset = end.offset;
            return;
        }
    }
    if (b->end_count == b->end_cap) {
        b->end_cap = b->end_cap ? b->end_cap * 2 : 16;
        b->ends = mem_realloc(b->ends, b->end_cap * sizeof *b->ends);
    }
    b->ends[b->end_count++] = end;
}

static void passed(struct batch *b, struct position at)
{
    at.offset++;
    batch_add_end(b, at);
}

static struct entry *add_entry(struct batch *b, struct position at, rd_kafka_message_t **message)
{
    struct entry *e = &b->entries[b->count++];

    *e = (struct entry){.position = at, .message = TAKE(*message)};
    if (e->message)
        b->bytes += e->message->len + e->message->key_len;
    passed(b, at);
    return e;
}

void batch_add_document(struct batch *b, struct position at, bson_t **doc,
                        rd_kafka_message_t **message)
{
    struct entry *e = add_entry(b, at, message);

    e->doc = TAKE(*doc);
    b->bytes += e->doc->len;
}

void batch_add_dead(struct batch *b, struct position at, const char *why,
                    rd_kafka_message_t **message)
{
    entry_bury(add_entry(b, at, message), "%s", why);
}

void batch_add_bucket(struct batch *b, struct position at, int64_t append_ms,
                      const struct stats_bucket *bucket)
{
    struct totals_place place = {at.partition, at.offset, append_ms};

    stats_merge_add(b->stats, bucket);
    b->bytes += totals_add(b->totals, place, bucket);
    b->stats_records++;
    passed(b, at);
}

void batch_add_meta(struct batch *b, struct position at, const struct stats_meta *meta)
{
    struct watermark *w = b->watermarks, *end = w + b->watermark_count;

    passed(b, at);
    b->stats_records++;
    while (w < end && (w->partition != at.partition || !slice_is(meta->tenant, w->tenant)))
        w++;
    if (w == end) {
        *w = (struct watermark){mem_strndup(meta->tenant.data, meta->tenant.len), at.partition,
                                meta->watermark_ms};
        b->watermark_count++;
    } else if (meta->watermark_ms > w->ms) {
        w->ms = meta->watermark_ms;
    }
}

void batch_be_careful(struct batch *b)
{
    if (b->chunk > BATCH_CAREFUL_CHUNK)
        b->chunk = BATCH_CAREFUL_CHUNK;
}

static void set_why(struct entry *e, const char *format, va_list args)
{
    char line[768];

    vsnprintf(line, sizeof line, format, args);
    free(e->why);
    e->why = mem_strdup(line);
}

void entry_bury(struct entry *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_why(e, format, args);
    va_end(args);
    e->fate = FATE_DEAD;
}

void entry_suspect(struct entry *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_why(e, format, args);
    va_end(args);
    e->fate = FATE_OPEN;
    e->suspect = true;
}
