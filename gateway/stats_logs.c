/* SPDX-License-Identifier: MIT */
#include "gateway/stats_logs.h"

#include "gateway/store.h"
#include "schemas/bson_member.h"
#include "schemas/selection_bson.h"

/* {$match: the logs}, {$group: {_id: "$path", n: {$sum: 1}}}, {$match: {_id: {$ne: null}}} */
static void append_values(bson_t *out, const struct query_job *job, const struct selection *chosen,
                          const char *path)
{
    bson_t stage, group, match, sum;
    char field[64];

    snprintf(field, sizeof field, "$%s", path);
    BSON_APPEND_DOCUMENT_BEGIN(out, "0", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &match);
    selection_bson(&match, chosen, job->tenant);
    bson_append_document_end(&stage, &match);
    bson_append_document_end(out, &stage);

    BSON_APPEND_DOCUMENT_BEGIN(out, "1", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &group);
    BSON_APPEND_UTF8(&group, "_id", field);
    BSON_APPEND_DOCUMENT_BEGIN(&group, "n", &sum);
    BSON_APPEND_INT64(&sum, "$sum", 1);
    bson_append_document_end(&group, &sum);
    bson_append_document_end(&stage, &group);
    bson_append_document_end(out, &stage);

    BSON_APPEND_DOCUMENT_BEGIN(out, "2", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &match);
    BSON_APPEND_DOCUMENT_BEGIN(&match, "_id", &sum);
    BSON_APPEND_NULL(&sum, "$ne");
    bson_append_document_end(&match, &sum);
    bson_append_document_end(&stage, &match);
    bson_append_document_end(out, &stage);
}

/* {$sort: {n: -1, _id: 1}}, {$limit: …} */
static void append_highest(bson_t *out, int64_t limit)
{
    bson_t stage, sort;

    BSON_APPEND_DOCUMENT_BEGIN(out, "3", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$sort", &sort);
    BSON_APPEND_INT32(&sort, "n", -1);
    BSON_APPEND_INT32(&sort, "_id", 1);
    bson_append_document_end(&stage, &sort);
    bson_append_document_end(out, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(out, "4", &stage);
    BSON_APPEND_INT64(&stage, "$limit", limit);
    bson_append_document_end(out, &stage);
}

/* {$group: {_id: null, n: {$sum: 1}}} */
static void append_count(bson_t *out)
{
    bson_t stage, group, sum;

    BSON_APPEND_DOCUMENT_BEGIN(out, "3", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &group);
    BSON_APPEND_NULL(&group, "_id");
    BSON_APPEND_DOCUMENT_BEGIN(&group, "n", &sum);
    BSON_APPEND_INT64(&sum, "$sum", 1);
    bson_append_document_end(&group, &sum);
    bson_append_document_end(&stage, &group);
    bson_append_document_end(out, &stage);
}

static int64_t count_of(const bson_t *row)
{
    bson_iter_t at;
    return bson_iter_init_find(&at, row, "n") ? bson_iter_as_int64(&at) : 0;
}

static bool add_rank(void *ctx, const bson_t *row)
{
    struct slice name = bson_text_of(row, "_id");

    if (name.data)
        stats_ranks_add(ctx, name, count_of(row));
    return true;
}

static bool take_count(void *ctx, const bson_t *row)
{
    *(int64_t *)ctx = count_of(row);
    return true;
}

static enum result read_logs(const struct query_job *job, const bson_t *pipeline,
                             const struct store_rows *rows, struct err *err)
{
    struct store_query query = {.collection = "logs", .pipeline = pipeline};
    enum result result = query_job_limit(job, &query.limit_ms, err);

    return result == OK ? store_read(job->gateway->store, &query, rows, err) : result;
}

enum result stats_logs_top(const struct query_job *job, const struct selection *chosen,
                           const char *path, int64_t limit, struct stats_ranks *ret,
                           struct err *err)
{
    bson_t pipeline = BSON_INITIALIZER;
    const struct store_rows rows = {add_rank, ret};

    append_values(&pipeline, job, chosen, path);
    append_highest(&pipeline, limit);
    enum result result = read_logs(job, &pipeline, &rows, err);
    bson_destroy(&pipeline);
    return result;
}

enum result stats_logs_unique(const struct query_job *job, const struct selection *chosen,
                              const char *path, int64_t *ret_count, struct err *err)
{
    bson_t pipeline = BSON_INITIALIZER;
    int64_t count = 0;
    const struct store_rows rows = {take_count, &count};

    append_values(&pipeline, job, chosen, path);
    append_count(&pipeline);
    enum result result = read_logs(job, &pipeline, &rows, err);
    bson_destroy(&pipeline);
    if (result == OK)
        *ret_count = count;
    return result;
}
