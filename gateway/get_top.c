/* SPDX-License-Identifier: MIT */
/* GET /api/v1/stats/top: the commonest services, actions, users or countries. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/erased.h"
#include "gateway/handlers.h"
#include "gateway/stats_logs.h"
#include "gateway/stats_params.h"
#include "gateway/stats_read.h"
#include "gateway/stats_recent.h"
#include "gateway/stats_redis.h"

#include <stdlib.h>

struct top_job {
    struct query_job super;
    struct stats_query q;
    struct stats_bounds bounds;
    struct stats_ranks ranks;
    const char *source;
    bool degraded; /* Redis should have answered */
    enum stats_resolution resolution;
};

static void done(struct query_job *super)
{
    struct top_job *job = (struct top_job *)super;
    query_job_done(super);
    stats_query_done(&job->q);
    stats_ranks_done(&job->ranks);
    free(job);
}

static enum result read_buckets(struct top_job *job, struct err *err)
{
    AUTO(stats_groups) groups = stats_groups_new();
    struct stats_ask ask = {
        .view = {.chosen = &job->q.s, .by = job->q.by}, .bounds = &job->bounds, .groups = groups};
    const struct stats_group *top;

    job->source = "buckets";
    stats_cut(&job->bounds, &ask.cut);
    job->resolution = ask.cut.resolution;
    enum result result = stats_read_pieces(&job->super, &ask, err);
    if (result != OK)
        return result;
    size_t count = stats_groups_top(groups, (size_t)job->q.limit, &top);
    for (size_t i = 0; i < count; i++)
        stats_ranks_add(&job->ranks, top[i].key.names[job->q.by.order[0]], (int64_t)top[i].count);
    return OK;
}

static enum result read_logs(struct top_job *job, struct err *err)
{
    static const char *const paths[] = {"service", "action", "userId", "enriched.country"};

    job->source = "logs";
    return stats_logs_top(&job->super, &job->q.s, paths[job->q.field], job->q.limit, &job->ranks,
                          err);
}

/* Users of whole days that Redis still has, all of them. False: it cannot say. */
static bool read_redis(struct top_job *job)
{
    struct redis_pool *redis = job->super.gateway->redis;
    struct stats_span days;
    struct err unused;

    if (!selection_has_only_dates(&job->q.s) || !stats_recent_days(&job->bounds, &days))
        return false;
    job->source = "redis";
    enum result result = stats_redis_ready(redis, &unused);
    if (result == OK)
        result = stats_redis_top_users(redis, job->super.tenant, &days, (size_t)job->q.limit,
                                       &job->ranks, &unused);
    job->degraded = result == RETRY;
    return result == OK;
}

static enum result read_top(struct top_job *job, struct err *err)
{
    bool counted = job->q.field == FIELD_SERVICE || job->q.field == FIELD_ACTION;

    if (counted && stats_counts(&job->q.s))
        return read_buckets(job, err);
    if (job->q.field == FIELD_USER_ID && read_redis(job))
        return OK;
    return read_logs(job, err);
}

static void render(struct top_job *job)
{
    static const char *const names[] = {"service", "action", "userId", "country"};
    struct buf *out = &job->super.answer.body;

    buf_printf(out, "{\"success\":true,\"field\":\"%s\",\"data\":[", names[job->q.field]);
    for (size_t i = 0; i < job->ranks.count; i++) {
        buf_add_text(out, i ? ",{\"value\":" : "{\"value\":");
        buf_add_json_any(out, job->ranks.ranks[i].name);
        buf_printf(out, ",\"count\":%lld}", (long long)job->ranks.ranks[i].count);
    }
    buf_printf(out, "],\"source\":\"%s\",\"exact\":%s,\"degraded\":%s", job->source,
               job->resolution == RESOLUTION_EXACT ? "true" : "false",
               job->degraded ? "true" : "false");
    stats_add_range(out, &job->bounds);
    buf_add_char(out, '}');
    job->super.answer.status = 200;
}

static void work(struct query_job *super)
{
    struct top_job *job = (struct top_job *)super;
    struct err err;

    enum result result = read_top(job, &err);
    if (result == OK)
        render(job);
    else
        query_job_fail(super, result, &err);
}

void get_top(struct request *r)
{
    struct top_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    if (top_query_read(&job->q, r->query, &faults) == OK)
        job->bounds = stats_recent_bounds(&job->q, clock_wall_ms(),
                                          gateway_retention_days(loop_gateway(r->loop), r->tenant));
    query_job_settle(&job->super, r, &faults);
}
