/* SPDX-License-Identifier: MIT */
#include "gateway/log_total.h"

#include "common/clock.h"
#include "gateway/count_bson.h"
#include "gateway/erased.h"
#include "gateway/log_filter.h"
#include "gateway/stats_params.h"
#include "gateway/stats_read.h"
#include "gateway/store.h"

static const int64_t DAY_MS = 86400000;
static const int64_t TIME_MAX_MS = 253402300799999; /* the end of the year 9999 */

static void append_limit(bson_t *pipeline, const char *place, int64_t most)
{
    bson_t stage;

    BSON_APPEND_DOCUMENT_BEGIN(pipeline, place, &stage);
    BSON_APPEND_INT64(&stage, "$limit", most);
    bson_append_document_end(pipeline, &stage);
}

/* [{$match: filter}, {$limit: most}, {$group: {_id: null, n: {$sum: 1}}}] */
static void counting(bson_t *pipeline, const bson_t *filter, int64_t most)
{
    bson_t stage, group;

    BSON_APPEND_DOCUMENT_BEGIN(pipeline, "0", &stage);
    BSON_APPEND_DOCUMENT(&stage, "$match", filter);
    bson_append_document_end(pipeline, &stage);
    if (most > 0)
        append_limit(pipeline, "1", most);
    BSON_APPEND_DOCUMENT_BEGIN(pipeline, most > 0 ? "2" : "1", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &group);
    BSON_APPEND_NULL(&group, "_id");
    count_append_sum(&group, "n", NULL);
    bson_append_document_end(&stage, &group);
    bson_append_document_end(pipeline, &stage);
}

static bool take_count(void *ctx, const bson_t *doc)
{
    struct log_total *total = ctx;

    total->count = (int64_t)count_of_row(doc, "n");
    return true;
}

/* At most `most` of them, or, with 0, all. Without a hint, which keeps DocumentDB from counting in
 * the index alone. */
static enum result count_logs(const struct query_job *job, const struct log_query *q, int64_t most,
                              struct log_total *ret, struct err *err)
{
    struct log_span spans[LOG_SPANS_MAX];
    bson_t filter = BSON_INITIALIZER, pipeline = BSON_INITIALIZER;
    struct store_query query = {.collection = "logs", .pipeline = &pipeline};
    struct store_rows rows = {take_count, ret};
    enum result result = query_job_limit_to(job, TOTAL_TIME_MS, &query.limit_ms, err);

    *ret = (struct log_total){.count = 0};
    if (result == OK && log_filter_spans(q, NULL, spans) > 0) {
        log_filter_match(&filter, q, job->tenant, &spans[0]);
        counting(&pipeline, &filter, most);
        result = store_read(job->gateway->store, &query, &rows, err);
    }
    bson_destroy(&pipeline);
    bson_destroy(&filter);
    return result;
}

/* What was counted of the time in which logs are kept. All that is asked for is one group. */
static enum result sum_buckets(const struct query_job *job, const struct log_query *q,
                               struct log_total *ret, struct err *err)
{
    int64_t days = gateway_retention_days(job->gateway, job->tenant), now_ms = clock_wall_ms();
    int64_t oldest_ms = now_ms - days * DAY_MS;
    const struct stats_bounds bounds = {
        .start_ms = q->s.has_start && q->s.start_ms > oldest_ms ? q->s.start_ms : oldest_ms,
        .end_ms = q->s.has_end ? q->s.end_ms : TIME_MAX_MS,
        .now_ms = now_ms,
        .log_retention_days = days,
    };
    AUTO(stats_groups) groups = stats_groups_new();
    struct stats_ask ask = {
        .view = {.chosen = &q->s}, .bounds = &bounds, .groups = groups, .limit_ms = TOTAL_TIME_MS};
    const struct stats_group *all;

    stats_cut(&bounds, &ask.cut);
    enum result result = stats_read_pieces(job, &ask, err);
    if (result != OK)
        return result;
    bool any = stats_groups_top(groups, 1, &all) > 0;
    *ret = (struct log_total){.count = any ? (int64_t)all[0].count : 0, .approximate = true};
    return OK;
}

/* More than that many, as has been counted. */
static enum result estimate(const struct query_job *job, const struct log_query *q, int64_t counted,
                            struct log_total *ret, struct err *err)
{
    enum result result = sum_buckets(job, q, ret, err);

    if (result == OK && ret->count < counted)
        ret->count = counted;
    return result;
}

static bool may_estimate(const struct query_job *job, const struct log_query *q)
{
    return stats_counts(&q->s) && gateway_keeps_alike(job->gateway, job->tenant);
}

enum result log_total_read(const struct query_job *job, const struct log_query *q,
                           struct log_total *ret, struct err *err)
{
    int64_t most = q->count != COUNT_EXACT && may_estimate(job, q) ? TOTAL_COUNTED + 1 : 0;
    enum result result = count_logs(job, q, most, ret, err);

    if (result == OK && most > 0 && ret->count == most)
        result = estimate(job, q, most, ret, err);
    else if (result == REJECT && stats_counts(&q->s))
        result = sum_buckets(job, q, ret, err);
    if (result != REJECT)
        return result;
    *ret = (struct log_total){.count = -1};
    return OK;
}
