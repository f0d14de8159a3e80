/* SPDX-License-Identifier: MIT */
/* GET /api/v1/stats/unique: how many different users there were. */
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

struct unique_job {
    struct query_job super;
    struct stats_query q;
    struct stats_bounds bounds;
    int64_t count;
};

static void done(struct query_job *super)
{
    struct unique_job *job = (struct unique_job *)super;
    query_job_done(super);
    stats_query_done(&job->q);
    free(job);
}

/* False: Redis cannot say. What it covers becomes the range. */
static bool read_redis(struct unique_job *job)
{
    struct redis_pool *redis = job->super.gateway->redis;
    struct stats_span hours;
    struct err unused;

    if (!selection_has_only_dates(&job->q.s) || !stats_recent_hours(&job->bounds, &hours) ||
        stats_redis_ready(redis, &unused) != OK ||
        stats_redis_unique(redis, job->super.tenant, &hours, &job->count, &unused) != OK)
        return false;
    if (hours.from_ms < hours.to_ms) {
        job->bounds.start_ms = hours.from_ms;
        job->bounds.end_ms = hours.to_ms - 1;
    }
    return true;
}

static void render(struct unique_job *job, bool redis)
{
    struct buf *out = &job->super.answer.body;

    buf_printf(out,
               "{\"success\":true,\"field\":\"userId\",\"count\":%lld,\"error\":%s,"
               "\"source\":\"%s\",\"degraded\":%s",
               (long long)job->count, redis ? "0.0081" : "0", redis ? "redis" : "logs",
               redis ? "false" : "true");
    stats_add_range(out, &job->bounds);
    buf_add_char(out, '}');
    job->super.answer.status = 200;
}

static void work(struct query_job *super)
{
    struct unique_job *job = (struct unique_job *)super;
    enum result result = OK;
    struct err err;

    bool redis = read_redis(job);
    if (!redis)
        result = stats_logs_unique(super, &job->q.s, "userId", &job->count, &err);
    if (result == OK)
        render(job, redis);
    else
        query_job_fail(super, result, &err);
}

void get_unique(struct request *r)
{
    struct unique_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    if (unique_query_read(&job->q, r->query, &faults) == OK)
        job->bounds = stats_recent_bounds(&job->q, clock_wall_ms(),
                                          gateway_retention_days(loop_gateway(r->loop), r->tenant));
    query_job_settle(&job->super, r, &faults);
}
