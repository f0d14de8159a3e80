/* SPDX-License-Identifier: MIT */
#include "gateway/pipeline_view.h"

#include "common/iso8601.h"
#include "common/mem.h"

#include <stdlib.h>

static const struct stage {
    const char *name;
    enum topic topic;
    const char *group; /* what follows the raw topic's name */
} stages[STAGE_COUNT] = {
    [STAGE_PROCESSOR] = {"processor", TOPIC_RAW, "-processor"},
    [STAGE_INDEXER_LOGS] = {"indexer", TOPIC_ENRICHED, "-indexer"},
    [STAGE_INDEXER_STATS] = {"indexer", TOPIC_STATS, "-indexer"},
    [STAGE_COUNTERS_LOGS] = {"counters", TOPIC_ENRICHED, NULL},
    [STAGE_COUNTERS_STATS] = {"counters", TOPIC_STATS, NULL},
    [STAGE_REJECTS] = {"rejects", TOPIC_DLQ, "-rejects"},
};

static const char *const suffixes[TOPIC_COUNT] = {[TOPIC_RAW] = "",
                                                  [TOPIC_ENRICHED] = "-enriched",
                                                  [TOPIC_STATS] = "-stats",
                                                  [TOPIC_DLQ] = "-dlq"};

enum topic pipeline_stage_topic(enum pipeline_stage s)
{
    return stages[s].topic;
}

const char *pipeline_stage_group(enum pipeline_stage s)
{
    return stages[s].group;
}

static int64_t *unknown_row(size_t count)
{
    int64_t *row = mem_alloc(count * sizeof *row);

    for (size_t i = 0; i < count; i++)
        row[i] = PIPELINE_UNKNOWN;
    return row;
}

size_t pipeline_view_partitions(const struct pipeline_view *v, enum topic topic)
{
    return topic == TOPIC_DLQ ? 1 : v->partitions;
}

void pipeline_view_init(struct pipeline_view *v, size_t partitions)
{
    *v = (struct pipeline_view){.partitions = partitions,
                                .watermark_ms = PIPELINE_UNKNOWN,
                                .dead_letters = PIPELINE_UNKNOWN,
                                .open_dead_letters = PIPELINE_UNKNOWN};
    for (enum topic t = 0; t < TOPIC_COUNT; t++) {
        v->begin[t] = unknown_row(pipeline_view_partitions(v, t));
        v->end[t] = unknown_row(pipeline_view_partitions(v, t));
    }
    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++)
        v->next[s] = unknown_row(pipeline_view_partitions(v, stages[s].topic));
}

void pipeline_view_done(struct pipeline_view *v)
{
    for (enum topic t = 0; t < TOPIC_COUNT; t++) {
        free(v->begin[t]);
        free(v->end[t]);
    }
    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++)
        free(v->next[s]);
    buf_done(&v->unknown);
}

void pipeline_view_miss(struct pipeline_view *v, const char *what, const char *why)
{
    AUTO_BUF text = {0};

    buf_printf(&text, "%s: %s", what, why);
    if (v->unknown.len > 0)
        buf_add_char(&v->unknown, ',');
    buf_add_json_any(&v->unknown, buf_slice(&text));
}

static void add_number(struct buf *out, const char *name, int64_t n)
{
    buf_printf(out, "\"%s\":", name);
    if (n < 0)
        buf_add_text(out, "null");
    else
        buf_add_i64(out, n);
}

static int64_t lag_of(const struct pipeline_view *v, enum pipeline_stage s, size_t partition)
{
    int64_t begin = v->begin[stages[s].topic][partition];
    int64_t end = v->end[stages[s].topic][partition], next = v->next[s][partition];

    if (end < 0 || next == PIPELINE_UNKNOWN)
        return PIPELINE_UNKNOWN;
    if (next < begin) /* not begun, or behind what the topic still holds */
        next = begin;
    return next < end ? end - next : 0; /* it may have moved on since the end was asked for */
}

static void add_partitions(const struct pipeline_view *v, enum pipeline_stage s, struct buf *out)
{
    enum topic topic = stages[s].topic;

    for (size_t i = 0; i < pipeline_view_partitions(v, topic); i++) {
        buf_printf(out, "%s{\"partition\":%zu,", i > 0 ? "," : "", i);
        add_number(out, "next", v->next[s][i]);
        buf_add_char(out, ',');
        add_number(out, "end", v->end[topic][i]);
        buf_add_char(out, ',');
        add_number(out, "lag", lag_of(v, s, i));
        buf_add_char(out, '}');
    }
}

/* Unknown as soon as one partition's is. */
static int64_t total_lag(const struct pipeline_view *v, enum pipeline_stage s)
{
    int64_t total = 0;

    for (size_t i = 0; i < pipeline_view_partitions(v, stages[s].topic); i++) {
        int64_t lag = lag_of(v, s, i);

        if (lag < 0)
            return PIPELINE_UNKNOWN;
        total += lag;
    }
    return total;
}

static void add_stage(const struct pipeline_view *v, enum pipeline_stage s, const char *raw_topic,
                      struct buf *out)
{
    buf_printf(out, "%s{\"stage\":\"%s\",\"topic\":\"%s%s\",", s > 0 ? "," : "", stages[s].name,
               raw_topic, suffixes[stages[s].topic]);
    add_number(out, "lag", total_lag(v, s));
    buf_add_text(out, ",\"partitions\":[");
    add_partitions(v, s, out);
    buf_add_text(out, "]}");
}

static void add_stages(const struct pipeline_view *v, const char *raw_topic, struct buf *out)
{
    buf_add_text(out, "\"stages\":[");
    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++)
        add_stage(v, s, raw_topic, out);
    buf_add_text(out, "],");
}

static void add_watermark(const struct pipeline_view *v, struct buf *out)
{
    char text[ISO8601_LEN];

    buf_add_text(out, "\"watermark\":");
    if (v->watermark_ms < 0) {
        buf_add_text(out, "null");
        return;
    }
    iso8601_format(v->watermark_ms, text);
    buf_add_json(out, slice_make(text, sizeof text));
}

void pipeline_view_render(const struct pipeline_view *v, const char *raw_topic, struct buf *out)
{
    buf_add_char(out, '{');
    if (raw_topic)
        add_stages(v, raw_topic, out);
    add_watermark(v, out);
    buf_add_text(out, ",\"deadLetters\":{");
    add_number(out, "kept", v->dead_letters);
    buf_add_char(out, ',');
    add_number(out, "open", v->open_dead_letters);
    buf_add_text(out, "},\"counters\":{\"rebuilding\":");
    buf_add_text(out, !v->counters_known ? "null" : v->rebuilding ? "true" : "false");
    buf_add_text(out, "},\"unknown\":[");
    buf_add_slice(out, buf_slice(&v->unknown));
    buf_add_text(out, "]}");
}
