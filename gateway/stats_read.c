/* SPDX-License-Identifier: MIT */
#include "gateway/stats_read.h"

#include "common/iso8601.h"
#include "common/mem.h"
#include "gateway/caught_up.h"
#include "gateway/stats_pieces.h"
#include "gateway/store.h"
#include "gateway/totals_read.h"

#include <stdlib.h>

struct reading {
    const struct query_job *job;
    struct stats_ask *ask;
    const struct stats_piece *piece;
};

static bool add_row(void *ctx, const bson_t *row)
{
    struct reading *reading = ctx;
    struct stats_ask *ask = reading->ask;

    stats_pipeline_row(reading->piece, &ask->view, row, ask->groups);
    return !stats_groups_overflowed(ask->groups);
}

static bool add_total(void *ctx, const struct totals_row *row)
{
    struct stats_ask *ask = ctx;

    stats_pipeline_total(&ask->view, row, ask->groups);
    return !stats_groups_overflowed(ask->groups);
}

static enum result read_totals(const struct reading *reading, enum total_span span, struct err *err)
{
    struct stats_ask *ask = reading->ask;
    const struct totals_range range = {
        .span = span,
        .from_ms = reading->piece->from_ms,
        .to_ms = reading->piece->to_ms,
        .by_start = ask->view.points != NULL,
        .limit_ms = ask->limit_ms,
    };
    return totals_read(reading->job, &range, add_total, ask, err);
}

static enum result aggregate(struct reading *reading, struct err *err)
{
    const struct stats_ask *ask = reading->ask;
    const struct query_job *job = reading->job;
    bson_t pipeline = BSON_INITIALIZER;
    struct store_query query = {.collection = stats_collection(reading->piece),
                                .pipeline = &pipeline};
    struct store_rows rows = {add_row, reading};
    enum result result = query_job_limit_to(job, ask->limit_ms, &query.limit_ms, err);

    if (result == OK) {
        stats_pipeline(&pipeline, reading->piece, &ask->view, job->tenant);
        result = store_read(job->gateway->store, &query, &rows, err);
    }
    bson_destroy(&pipeline);
    return result;
}

/* What comes from logs is not told apart by time, so it is read point by point. It is shorter than
 * two minutes. */
static enum result aggregate_points(struct reading *reading, struct err *err)
{
    const struct stats_points *points = reading->ask->view.points;
    struct stats_piece part = *reading->piece;
    int64_t to_ms = part.to_ms;
    enum result result = OK;

    reading->piece = &part;
    while (result == OK && part.from_ms < to_ms) {
        int64_t edge_ms = points->edges[stats_points_find(points, part.from_ms) + 1];

        part.to_ms = edge_ms > part.from_ms && edge_ms < to_ms ? edge_ms : to_ms;
        result = aggregate(reading, err);
        part.from_ms = part.to_ms;
    }
    return result;
}

static enum result read_piece(void *ctx, const struct stats_piece *piece, struct err *err)
{
    struct reading *reading = ctx;
    enum total_span span;

    reading->piece = piece;
    if (stats_source_span(piece->source, &span))
        return read_totals(reading, span, err);
    if (piece->source == FROM_LOGS && reading->ask->view.points)
        return aggregate_points(reading, err);
    return aggregate(reading, err);
}

static void forget(void *ctx)
{
    const struct reading *reading = ctx;
    stats_groups_clear(reading->ask->groups);
}

/* Since when each partition is counted. */
struct marks {
    int64_t *ms; /* 0: nothing is known */
    size_t count;
};

static bool add_watermark(void *ctx, const bson_t *doc)
{
    struct marks *marks = ctx;
    bson_iter_t at, partition;

    if (!bson_iter_init_find(&at, doc, "watermark") || !BSON_ITER_HOLDS_DATE_TIME(&at) ||
        !bson_iter_init_find(&partition, doc, "partition"))
        return true;
    int64_t ms = bson_iter_date_time(&at), p = bson_iter_as_int64(&partition);
    if (p >= 0 && (size_t)p < marks->count && ms > marks->ms[p])
        marks->ms[p] = ms;
    return true;
}

/* The ids are `tenant|partition`, and '}' follows '|': a range of the index that every collection
 * has. */
static void append_ids_of(bson_t *out, struct slice tenant)
{
    AUTO_BUF id = {0};
    bson_t range;

    buf_add_slice(&id, tenant);
    buf_add_char(&id, '|');
    BSON_APPEND_DOCUMENT_BEGIN(out, "_id", &range);
    bson_append_utf8(&range, "$gte", -1, id.data, (int)id.len);
    id.data[id.len - 1] = '}';
    bson_append_utf8(&range, "$lt", -1, id.data, (int)id.len);
    bson_append_document_end(out, &range);
}

static enum result read_watermarks(const struct query_job *job, struct marks *marks,
                                   struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "pipeline", .filter = &filter};
    struct store_rows rows = {add_watermark, marks};
    enum result result = query_job_limit(job, &query.limit_ms, err);

    if (result == OK) {
        append_ids_of(&filter, job->tenant);
        result = store_read(job->gateway->store, &query, &rows, err);
    }
    bson_destroy(&filter);
    return result;
}

/* Read before the buckets: they can only be newer than what it promises. */
static enum result read_as_of(const struct query_job *job, struct stats_ask *ask, struct err *err)
{
    struct marks marks = {.count = (size_t)job->gateway->settings->partitions};

    marks.ms = mem_zalloc(marks.count * sizeof *marks.ms);
    for (size_t i = 0; i < marks.count; i++)
        marks.ms[i] = caught_up_ms(job->gateway->caught_up, i);
    enum result result = read_watermarks(job, &marks, err);
    ask->as_of_ms = caught_up_least(marks.ms, marks.count);
    free(marks.ms);
    return result;
}

enum result stats_read_pieces(const struct query_job *job, struct stats_ask *ask, struct err *err)
{
    struct reading reading = {.job = job, .ask = ask};
    const struct stats_reader reader = {read_piece, forget, &reading};
    enum result result = stats_pieces_read(job, ask->bounds, &ask->cut, &reader, err);

    if (result == OK && stats_groups_overflowed(ask->groups))
        return err_set(err, REJECT, "more than %d groups in this range", STATS_GROUPS_MAX);
    return result;
}

enum result stats_read(const struct query_job *job, struct stats_ask *ask, struct err *err)
{
    enum result result = read_as_of(job, ask, err);
    return result == OK ? stats_read_pieces(job, ask, err) : result;
}

void stats_add_time(struct buf *out, int64_t ms)
{
    char text[ISO8601_LEN];
    iso8601_format(ms, text);
    buf_add_json(out, slice_make(text, sizeof text));
}

void stats_add_range(struct buf *out, const struct stats_bounds *b)
{
    buf_add_text(out, ",\"timeRange\":{\"start\":");
    stats_add_time(out, b->start_ms);
    buf_add_text(out, ",\"end\":");
    stats_add_time(out, b->end_ms);
    buf_add_char(out, '}');
}

void stats_add_as_of(struct buf *out, const struct stats_ask *ask)
{
    if (ask->as_of_ms == 0)
        return;
    buf_add_text(out, ",\"asOf\":");
    stats_add_time(out, ask->as_of_ms);
}

/* {"info":1,"warn":0,"error":0,"critical":0} */
static void add_severities(struct buf *out, const struct stats_group *group)
{
    for (enum severity s = 0; s < SEVERITY_COUNT; s++)
        buf_printf(out, "%c\"%s\":%llu", s ? ',' : '{', severity_name(s),
                   (unsigned long long)group->severity[s]);
    buf_add_char(out, '}');
}

void stats_add_group(struct buf *out, const struct stats_grouping *by,
                     const struct stats_group *group)
{
    for (size_t i = 0; i < by->count; i++) {
        buf_printf(out, "\"%s\":", stats_dimension_name(by->order[i]));
        buf_add_json(out, group->key.names[by->order[i]]);
        buf_add_char(out, ',');
    }
    buf_printf(out, "\"count\":%llu", (unsigned long long)group->count);
    if (stats_grouping_has(by, BY_SEVERITY))
        return;
    buf_add_text(out, ",\"severity\":");
    add_severities(out, group);
}
