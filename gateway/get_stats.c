/* SPDX-License-Identifier: MIT */
/* GET /api/v1/stats: counts by service and action, exact for any range, from the buckets. */
#include "common/clock.h"
#include "common/iso8601.h"
#include "common/mem.h"
#include "gateway/handlers.h"
#include "gateway/query_job.h"
#include "gateway/query_params.h"
#include "gateway/stats_groups.h"
#include "gateway/stats_pipeline.h"
#include "gateway/stats_range.h"
#include "gateway/store.h"

#include <stdlib.h>

struct stats_job {
    struct query_job super;
    struct stats_query q;
    struct stats_bounds bounds;
    struct stats_cut cut;
    struct stats_groups *groups;
    const struct stats_piece *piece; /* being read */
    bool has_watermark;
    int64_t watermark_ms; /* the least of all partitions */
};

static void done(struct query_job *super)
{
    struct stats_job *job = (struct stats_job *)super;
    query_job_done(super);
    stats_query_done(&job->q);
    stats_groups_free(job->groups);
    free(job);
}

static bool add_row(void *ctx, const bson_t *row)
{
    struct stats_job *job = ctx;
    stats_pipeline_row(job->piece, row, job->groups);
    return !stats_groups_overflowed(job->groups);
}

static enum result read_piece(struct stats_job *job, const struct stats_piece *piece,
                              struct err *err)
{
    bson_t pipeline = BSON_INITIALIZER;
    struct store_query query = {.collection = stats_collection(piece), .pipeline = &pipeline};
    struct store_rows rows = {add_row, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    if (result == OK) {
        job->piece = piece;
        stats_pipeline(&pipeline, piece, job->super.tenant, job->q.service);
        result = store_read(job->super.gateway->store, &query, &rows, err);
    }
    bson_destroy(&pipeline);
    return result;
}

static bool add_watermark(void *ctx, const bson_t *doc)
{
    struct stats_job *job = ctx;
    bson_iter_t at;

    if (!bson_iter_init_find(&at, doc, "watermark") || !BSON_ITER_HOLDS_DATE_TIME(&at))
        return true;
    int64_t ms = bson_iter_date_time(&at);
    if (!job->has_watermark || ms < job->watermark_ms)
        job->watermark_ms = ms;
    job->has_watermark = true;
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

/* Read before the buckets: they can only be newer than what it promises. */
static enum result read_watermark(struct stats_job *job, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "pipeline", .filter = &filter};
    struct store_rows rows = {add_watermark, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    if (result == OK) {
        append_ids_of(&filter, job->super.tenant);
        result = store_read(job->super.gateway->store, &query, &rows, err);
    }
    bson_destroy(&filter);
    return result;
}

static enum result read_all(struct stats_job *job, struct err *err)
{
    enum result result = read_watermark(job, err);

    for (size_t i = 0; i < job->cut.count && result == OK; i++)
        result = read_piece(job, &job->cut.pieces[i], err);
    if (result == OK && stats_groups_overflowed(job->groups))
        return err_set(err, REJECT, "more than %d actions in this range", STATS_GROUPS_MAX);
    return result;
}

static void add_time(struct buf *out, int64_t ms)
{
    char text[ISO8601_LEN];
    iso8601_format(ms, text);
    buf_add_json(out, slice_make(text, sizeof text));
}

static void add_group(struct buf *out, const struct stats_group *group,
                      const struct stats_bounds *bounds)
{
    buf_add_text(out, "{\"service\":");
    buf_add_json(out, group->service);
    buf_add_text(out, ",\"action\":");
    buf_add_json(out, group->action);
    buf_printf(out, ",\"count\":%llu,\"severity\":", (unsigned long long)group->count);
    for (enum severity s = 0; s < SEVERITY_COUNT; s++)
        buf_printf(out, "%c\"%s\":%llu", s ? ',' : '{', severity_name(s),
                   (unsigned long long)group->severity[s]);
    buf_add_text(out, "},\"timeRange\":{\"start\":");
    add_time(out, bounds->start_ms);
    buf_add_text(out, ",\"end\":");
    add_time(out, bounds->end_ms);
    buf_add_text(out, "}}");
}

static void render(struct stats_job *job)
{
    struct buf *out = &job->super.answer.body;
    const struct stats_group *groups;
    size_t count = stats_groups_top(job->groups, (size_t)job->q.limit, &groups);

    buf_add_text(out, "{\"success\":true,\"data\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        add_group(out, &groups[i], &job->bounds);
    }
    buf_add_char(out, ']');
    if (job->has_watermark) {
        buf_add_text(out, ",\"asOf\":");
        add_time(out, job->watermark_ms);
    }
    buf_printf(out, ",\"resolution\":\"%s\"}", stats_resolution_name(job->cut.resolution));
    job->super.answer.status = 200;
}

static void work(struct query_job *super)
{
    struct stats_job *job = (struct stats_job *)super;
    struct err err;

    enum result result = read_all(job, &err);
    if (result == OK)
        render(job);
    else
        query_job_fail(super, result, &err);
}

static void settle_bounds(struct stats_job *job, const struct settings *settings)
{
    int64_t now_ms = clock_wall_ms();

    job->bounds = (struct stats_bounds){
        .start_ms = job->q.has_start ? job->q.start_ms : 0,
        .end_ms = job->q.has_end ? job->q.end_ms : now_ms,
        .now_ms = now_ms,
        .log_retention_days = settings->retention_days,
        .ends_now = !job->q.has_end,
    };
    stats_cut(&job->bounds, &job->cut);
}

void get_stats(struct request *r)
{
    struct stats_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    if (stats_query_read(&job->q, r->query, &faults) == OK) {
        settle_bounds(job, loop_gateway(r->loop)->settings);
        job->groups = stats_groups_new();
        query_job_start(&job->super, r);
    } else {
        answer_faults(r, &faults);
        done(&job->super);
    }
    faults_done(&faults);
}
