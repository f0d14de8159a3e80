/* SPDX-License-Identifier: MIT */
#include "gateway/log_total.h"

#include "common/clock.h"
#include "gateway/erased.h"
#include "gateway/log_filter.h"
#include "gateway/stats_params.h"
#include "gateway/stats_read.h"
#include "gateway/store.h"

/* The years 0 to 9999, which timestamps can have. */
static const int64_t TIME_MIN_MS = -62167219200000, TIME_MAX_MS = 253402300799999;

static enum result limit(const struct query_job *job, int64_t *ret_ms, struct err *err)
{
    enum result result = query_job_limit(job, ret_ms, err);

    if (result == OK && *ret_ms > TOTAL_TIME_MS)
        *ret_ms = TOTAL_TIME_MS;
    return result;
}

/* [{$match: filter}, {$group: {_id: null, n: {$sum: 1}}}] */
static void counting(bson_t *pipeline, const bson_t *filter)
{
    bson_t stage, group, sum;

    BSON_APPEND_DOCUMENT_BEGIN(pipeline, "0", &stage);
    BSON_APPEND_DOCUMENT(&stage, "$match", filter);
    bson_append_document_end(pipeline, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(pipeline, "1", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &group);
    BSON_APPEND_NULL(&group, "_id");
    BSON_APPEND_DOCUMENT_BEGIN(&group, "n", &sum);
    BSON_APPEND_INT64(&sum, "$sum", 1);
    bson_append_document_end(&group, &sum);
    bson_append_document_end(&stage, &group);
    bson_append_document_end(pipeline, &stage);
}

static bool take_count(void *ctx, const bson_t *doc)
{
    struct log_total *total = ctx;
    bson_iter_t n;

    if (bson_iter_init_find(&n, doc, "n"))
        total->count = bson_iter_as_int64(&n);
    return true;
}

/* Without a hint, which keeps DocumentDB from counting in the index alone. */
static enum result count_logs(const struct query_job *job, const struct log_query *q,
                              const struct log_span *span, struct log_total *ret, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, pipeline = BSON_INITIALIZER;
    struct store_query query = {.collection = "logs", .pipeline = &pipeline};
    struct store_rows rows = {take_count, ret};
    enum result result = limit(job, &query.limit_ms, err);

    if (result == OK) {
        log_filter_match(&filter, q, job->tenant, span);
        counting(&pipeline, &filter);
        result = store_read(job->gateway->store, &query, &rows, err);
    }
    bson_destroy(&pipeline);
    bson_destroy(&filter);
    return result;
}

/* All that is asked for is one group. */
static enum result sum_buckets(const struct query_job *job, const struct log_query *q,
                               struct log_total *ret, struct err *err)
{
    const struct stats_bounds bounds = {
        .start_ms = q->s.has_start ? q->s.start_ms : TIME_MIN_MS,
        .end_ms = q->s.has_end ? q->s.end_ms : TIME_MAX_MS,
        .now_ms = clock_wall_ms(),
        .log_retention_days = gateway_retention_days(job->gateway, job->tenant),
    };
    AUTO(stats_groups) groups = stats_groups_new();
    struct stats_ask ask = {.view = {.chosen = &q->s}, .groups = groups, .limit_ms = TOTAL_TIME_MS};
    const struct stats_group *all;

    stats_cut(&bounds, &ask.cut);
    enum result result = stats_read_pieces(job, &ask, err);
    if (result != OK)
        return result;
    bool any = stats_groups_top(groups, 1, &all) > 0;
    *ret = (struct log_total){.count = any ? (int64_t)all[0].count : 0, .approximate = true};
    return OK;
}

enum result log_total_read(const struct query_job *job, const struct log_query *q,
                           struct log_total *ret, struct err *err)
{
    struct log_span spans[LOG_SPANS_MAX];
    struct log_total total = {.count = 0};
    enum result result = OK;

    if (log_filter_spans(q, NULL, spans) > 0)
        result = count_logs(job, q, &spans[0], &total, err);
    if (result == REJECT) {
        total.count = -1;
        if (stats_counts(&q->s))
            result = sum_buckets(job, q, &total, err);
    }
    if (result == RETRY || result == FATAL)
        return result;
    *ret = total;
    return OK;
}
