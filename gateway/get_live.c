/* SPDX-License-Identifier: MIT */
/* GET /api/v1/stats/live: the last sixty minutes, from Redis, or from the document store while
 * Redis is away. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/handlers.h"
#include "gateway/stats_read.h"
#include "gateway/stats_redis.h"

#include <stdlib.h>

struct live_job {
    struct query_job super;
    struct live_minutes live;
};

static void done(struct query_job *super)
{
    struct live_job *job = (struct live_job *)super;
    query_job_done(super);
    live_minutes_done(&job->live);
    free(job);
}

static bool read_redis(struct live_job *job)
{
    struct redis_pool *redis = job->super.gateway->redis;
    struct err unused;

    return stats_redis_ready(redis, &unused) == OK &&
           stats_redis_minutes(redis, job->super.tenant, &job->live, &unused) == OK;
}

static void add_group(struct live_minute *m, const struct stats_group *group)
{
    enum outcome outcome = OUTCOME_NONE;

    m->count += group->count;
    for (enum severity s = 0; s < SEVERITY_COUNT; s++)
        m->severity[s] += group->severity[s];
    if (outcome_parse(group->key.names[BY_OUTCOME], &outcome))
        m->outcome[outcome] += group->count;
    live_minute_add_service(m, group->key.names[BY_SERVICE], group->count);
}

static enum result read_buckets(struct live_job *job, struct err *err)
{
    int64_t edges[LIVE_MINUTES + 1], start_ms = job->live.start_ms;
    const struct stats_points points = {edges, LIVE_MINUTES, FROM_MINUTES};
    const struct selection all = {0};
    AUTO(stats_groups) groups = stats_groups_new();
    struct stats_ask ask = {
        .view = {.chosen = &all, .by = {{BY_SERVICE, BY_OUTCOME}, 2}, .points = &points},
        .cut = {.count = 1},
        .groups = groups,
    };
    const struct stats_group *found;

    for (int i = 0; i <= LIVE_MINUTES; i++)
        edges[i] = start_ms + (int64_t)i * LIVE_MINUTE_MS;
    ask.cut.pieces[0] = (struct stats_piece){FROM_MINUTES, start_ms, edges[LIVE_MINUTES]};
    enum result result = stats_read_pieces(&job->super, &ask, err);
    if (result != OK)
        return result;
    size_t count = stats_groups_top(groups, SIZE_MAX, &found);
    for (size_t i = 0; i < count; i++)
        add_group(&job->live.minutes[found[i].key.point], &found[i]);
    return OK;
}

static void work(struct query_job *super)
{
    struct live_job *job = (struct live_job *)super;
    struct buf *out = &super->answer.body;
    enum result result = OK;
    int64_t now_ms = clock_wall_ms();
    struct err err;

    live_minutes_init(&job->live, now_ms);
    bool redis = read_redis(job);
    if (!redis) {
        live_minutes_done(&job->live); /* what it may have said before it went */
        result = read_buckets(job, &err);
    }
    if (result != OK) {
        query_job_fail(super, result, &err);
        return;
    }
    buf_add_text(out, "{\"success\":true,\"data\":");
    live_minutes_render(&job->live, out);
    buf_printf(out, ",\"source\":\"%s\",\"degraded\":%s}", redis ? "redis" : "buckets",
               redis ? "false" : "true");
    super->answer.status = 200;
}

void get_live(struct request *r)
{
    struct live_job *job = mem_zalloc(sizeof *job);

    job->super.work = work;
    job->super.done = done;
    query_job_start(&job->super, r);
}
