/* SPDX-License-Identifier: MIT */
/* GET /api/v1/stats: counts by service and action, or by what else buckets know; exact for any
 * range. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/erased.h"
#include "gateway/handlers.h"
#include "gateway/stats_params.h"
#include "gateway/stats_read.h"

#include <stdlib.h>

struct stats_job {
    struct query_job super;
    struct stats_query q;
    struct stats_bounds bounds;
    struct stats_ask ask;
};

static void done(struct query_job *super)
{
    struct stats_job *job = (struct stats_job *)super;
    query_job_done(super);
    stats_query_done(&job->q);
    stats_groups_free(job->ask.groups);
    free(job);
}

static void add_row(struct buf *out, const struct stats_job *job, const struct stats_group *group)
{
    buf_add_char(out, '{');
    stats_add_group(out, &job->q.by, group);
    stats_add_range(out, &job->bounds);
    buf_add_char(out, '}');
}

static void render(struct stats_job *job)
{
    struct buf *out = &job->super.answer.body;
    const struct stats_group *groups;
    size_t count = stats_groups_top(job->ask.groups, (size_t)job->q.limit, &groups);

    buf_add_text(out, "{\"success\":true,\"data\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        add_row(out, job, &groups[i]);
    }
    buf_add_char(out, ']');
    stats_add_as_of(out, &job->ask);
    buf_printf(out, ",\"resolution\":\"%s\"}", stats_resolution_name(job->ask.cut.resolution));
    job->super.answer.status = 200;
}

static void work(struct query_job *super)
{
    struct stats_job *job = (struct stats_job *)super;
    struct err err;

    enum result result = stats_read(super, &job->ask, &err);
    if (result == OK)
        render(job);
    else
        query_job_fail(super, result, &err);
}

static void prepare(struct stats_job *job, const struct request *r)
{
    job->bounds = stats_query_bounds(&job->q, clock_wall_ms(),
                                     gateway_retention_days(loop_gateway(r->loop), r->tenant));
    job->ask.bounds = &job->bounds;
    stats_cut(&job->bounds, &job->ask.cut);
    job->ask.view = (struct stats_view){.chosen = &job->q.s, .by = job->q.by};
    job->ask.groups = stats_groups_new();
}

void get_stats(struct request *r)
{
    struct stats_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    if (stats_query_read(&job->q, r->query, &faults) == OK)
        prepare(job, r);
    query_job_settle(&job->super, r, &faults);
}
