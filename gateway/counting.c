/* SPDX-License-Identifier: MIT */
#include "gateway/counting.h"

#include "common/clock.h"
#include "gateway/count_logs.h"
#include "gateway/erased.h"
#include "gateway/log_filter.h"
#include "gateway/stats_pieces.h"
#include "gateway/stats_pipeline.h"
#include "gateway/store.h"
#include "gateway/totals_read.h"

static const int64_t DAY_MS = 86400000;

static bool add_row(void *ctx, const bson_t *row)
{
    struct counting *c = ctx;

    if (c->_piece)
        count_row(c->q, c->_piece, row, c->counts);
    else
        count_logs_row(c->q, row, c->counts);
    return !value_counts_overflowed(c->counts);
}

static enum result read_rows(struct counting *c, const char *collection, const bson_t *pipeline,
                             struct err *err)
{
    struct store_query query = {.collection = collection, .pipeline = pipeline};
    struct store_rows rows = {add_row, c};
    enum result result = query_job_limit(c->job, &query.limit_ms, err);

    return result == OK ? store_read(c->job->gateway->store, &query, &rows, err) : result;
}

static bool add_total(void *ctx, const struct totals_row *row)
{
    struct counting *c = ctx;

    count_total(c->q, row, c->counts);
    return !value_counts_overflowed(c->counts);
}

static enum result count_piece(void *ctx, const struct stats_piece *piece, struct err *err)
{
    struct counting *c = ctx;
    struct totals_range totals = {
        .from_ms = piece->from_ms, .to_ms = piece->to_ms, .by_start = c->q->has_interval};
    bson_t pipeline = BSON_INITIALIZER;

    if (value_counts_overflowed(c->counts))
        return OK;
    if (stats_source_span(piece->source, &totals.span))
        return totals_read(c->job, &totals, add_total, c, err);

    c->_piece = piece;
    count_pipeline(&pipeline, c->q, piece);
    enum result result = read_rows(c, stats_collection(piece), &pipeline, err);
    bson_destroy(&pipeline);
    return result;
}

static void forget(void *ctx)
{
    const struct counting *c = ctx;
    value_counts_clear(c->counts);
}

static enum result count_logs(struct counting *c, struct err *err)
{
    bson_t pipeline = BSON_INITIALIZER;

    c->_piece = NULL;
    count_logs_pipeline(&pipeline, c->q, c->most);
    enum result result = read_rows(c, "logs", &pipeline, err);
    bson_destroy(&pipeline);
    return result;
}

/* Are the buckets as fine as the slots still there, for all of the range? */
static bool are_kept(const struct count_question *q, int64_t now_ms)
{
    static const int64_t days[WINDOW_COUNT] = {
        [WINDOW_MINUTE] = STATS_MINUTE_DAYS, [WINDOW_HOUR] = STATS_HOUR_DAYS};
    int64_t kept = q->has_interval ? days[q->interval] : 0;

    return kept == 0 || window_start(q->interval, q->from_ms) > now_ms - (kept - 1) * DAY_MS;
}

enum result counting_run(struct counting *c, struct err *err)
{
    const struct stats_bounds bounds = {
        .start_ms = c->q->from_ms,
        .end_ms = c->q->to_ms - 1,
        .now_ms = clock_wall_ms(),
        .log_retention_days = gateway_retention_days(c->job->gateway, c->job->tenant),
        .coarsest = count_coarsest(c->q),
    };
    const struct stats_reader reader = {count_piece, forget, c};
    struct stats_cut cut;

    stats_cut(&bounds, &cut);
    c->from_buckets = count_from_buckets(c->q) && are_kept(c->q, bounds.now_ms) &&
                      cut.resolution == RESOLUTION_EXACT;
    return c->from_buckets ? stats_pieces_read(c->job, &bounds, &cut, &reader, err)
                           : count_logs(c, err);
}

static bool take_time(void *ctx, const bson_t *doc)
{
    int64_t *ms = ctx;
    bson_iter_t at;

    if (bson_iter_init_find(&at, doc, "timestamp") && BSON_ITER_HOLDS_DATE_TIME(&at))
        *ms = bson_iter_date_time(&at);
    return true;
}

enum result counting_edge(const struct query_job *job, const struct selection *s, bool last,
                          int64_t *ret_ms, struct err *err)
{
    struct log_query q = {.s = *s, .oldest_first = !last}; /* a view: not to be freed */
    struct log_span span = {
        s->has_start ? s->start_ms : INT64_MIN, s->has_end ? s->end_ms : INT64_MAX, {NULL, 0}};
    bson_t filter = BSON_INITIALIZER, hint = BSON_INITIALIZER, sort = BSON_INITIALIZER;
    struct store_query query = {
        .collection = "logs", .filter = &filter, .sort = &sort, .hint = &hint, .limit = 1};
    int64_t found_ms = *ret_ms;
    struct store_rows rows = {take_time, &found_ms};
    enum result result = query_job_limit(job, &query.limit_ms, err);

    if (result == OK) {
        log_filter_match(&filter, &q, job->tenant, &span);
        log_filter_hint(&hint, s);
        log_filter_sort(&sort, &q);
        result = store_read(job->gateway->store, &query, &rows, err);
    }
    if (result == OK)
        *ret_ms = found_ms;
    bson_destroy(&sort);
    bson_destroy(&hint);
    bson_destroy(&filter);
    return result;
}
