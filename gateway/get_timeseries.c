/* SPDX-License-Identifier: MIT */
/* GET /api/v1/stats/timeseries: counts per minute, hour or day of a time zone, none left out. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/erased.h"
#include "gateway/handlers.h"
#include "gateway/stats_params.h"
#include "gateway/stats_read.h"

#include <stdlib.h>

enum { ROWS_MAX = 50000 };

/* The years 0 to 9999, which can be shown. */
static const int64_t TIME_MIN_MS = -62167219200000, TIME_MAX_MS = 253402300799999;

struct series_job {
    struct query_job super;
    struct stats_query q;
    struct stats_bounds bounds;
    struct stats_points points;
    struct stats_ask ask;
};

static void done(struct query_job *super)
{
    struct series_job *job = (struct series_job *)super;
    query_job_done(super);
    stats_query_done(&job->q);
    stats_points_done(&job->points);
    stats_groups_free(job->ask.groups);
    free(job);
}

static struct slice zone_name(const struct series_job *job)
{
    return job->q.zone.data ? job->q.zone : slice_of("UTC");
}

static void fault(struct series_job *job, const char *field, const char *message)
{
    faults_add(&job->super.answer.faults, slice_of(field), "\"%s\" %s", field, message);
}

static bool find_points(struct series_job *job)
{
    const struct stats_bounds *b = &job->bounds;
    struct zone *found = NULL;
    struct err unused;

    if (zone_load(zone_name(job), &found, &unused) != OK) {
        fault(job, "tz", "is not a known time zone");
        return false;
    }
    AUTO(zone) zone = found;
    if (stats_points_make(&job->points, zone, job->q.interval, b->start_ms, b->end_ms + 1) != OK) {
        fault(job, "interval",
              "makes more than 11000 points: choose a longer interval or a shorter range");
        return false;
    }
    return true;
}

/* Are there buckets that fit between the points, from the beginning of the range on? */
static bool check_buckets(struct series_job *job)
{
    const struct stats_points *p = &job->points;

    if (p->source == FROM_LOGS) {
        fault(job, "tz", "was no full minutes from UTC then: choose a later startDate");
    } else if (!stats_source_kept(p->source, job->bounds.start_ms, job->bounds.now_ms)) {
        if (p->source == FROM_MINUTES)
            fault(job, "startDate",
                  "is more than 90 days ago, for which minutes are kept: choose a later startDate, "
                  "or a longer interval in a time zone of whole hours");
        else
            fault(job, "startDate",
                  "is more than 400 days ago, for which hours are kept: choose a later startDate, "
                  "or interval=day and tz=UTC");
    }
    return job->super.answer.faults.count == 0;
}

static void add_edge(struct buf *out, int64_t ms)
{
    stats_add_time(out, ms < TIME_MIN_MS ? TIME_MIN_MS : ms > TIME_MAX_MS ? TIME_MAX_MS : ms);
}

static void add_groups(struct buf *out, const struct stats_grouping *by,
                       const struct stats_group *groups, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += groups[i].count;
    buf_printf(out, "\"count\":%llu,\"groups\":[", (unsigned long long)sum);
    for (size_t i = 0; i < count; i++) {
        buf_add_text(out, i ? ",{" : "{");
        stats_add_group(out, by, &groups[i]);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void add_point(struct buf *out, const struct series_job *job, size_t point,
                      const struct stats_group *groups, size_t count)
{
    static const struct stats_group none;

    buf_add_text(out, point ? ",{\"start\":" : "{\"start\":");
    add_edge(out, job->points.edges[point]);
    buf_add_text(out, ",\"end\":");
    add_edge(out, job->points.edges[point + 1]);
    buf_add_char(out, ',');
    if (job->q.by.count > 0)
        add_groups(out, &job->q.by, groups, count);
    else
        stats_add_group(out, &job->q.by, count ? groups : &none);
    buf_add_char(out, '}');
}

static void render(struct series_job *job)
{
    struct buf *out = &job->super.answer.body;
    const struct stats_group *groups;
    size_t count = stats_groups_top(job->ask.groups, SIZE_MAX, &groups), at = 0;

    if (count > ROWS_MAX) {
        fault(
            job, "groupBy",
            "makes more than 50000 groups: choose a longer interval, a shorter range or a filter");
        return;
    }
    buf_printf(out, "{\"success\":true,\"interval\":\"%s\",\"tz\":", window_name(job->q.interval));
    buf_add_json(out, zone_name(job));
    buf_add_text(out, ",\"data\":[");
    for (size_t point = 0; point < job->points.count; point++) {
        size_t from = at;

        while (at < count && groups[at].key.point == point)
            at++;
        add_point(out, job, point, groups + from, at - from);
    }
    buf_add_char(out, ']');
    stats_add_as_of(out, &job->ask);
    buf_printf(out, ",\"resolution\":\"%s\"}", stats_resolution_name(job->ask.cut.resolution));
    job->super.answer.status = 200;
}

static void work(struct query_job *super)
{
    struct series_job *job = (struct series_job *)super;
    struct err err;

    if (!find_points(job) || (job->points.count > 0 && !check_buckets(job)))
        return;
    job->bounds.coarsest = job->points.source;
    job->ask.bounds = &job->bounds;
    stats_cut(&job->bounds, &job->ask.cut);
    job->ask.view =
        (struct stats_view){.chosen = &job->q.s, .by = job->q.by, .points = &job->points};
    job->ask.groups = stats_groups_new();
    enum result result = stats_read(super, &job->ask, &err);
    if (result == OK)
        render(job);
    else
        query_job_fail(super, result, &err);
}

/* The last hour by minutes, two days by hours, 30 days by days, when no start is given. */
static void settle_bounds(struct series_job *job, int64_t log_retention_days)
{
    static const int64_t spans_ms[] = {3600000LL, 48 * 3600000LL, 30 * 86400000LL};
    struct stats_bounds *b = &job->bounds;

    *b = stats_query_bounds(&job->q, clock_wall_ms(), log_retention_days);
    if (!job->q.s.has_start)
        b->start_ms = b->end_ms - spans_ms[job->q.interval] + 1;
}

void get_timeseries(struct request *r)
{
    struct series_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    if (timeseries_query_read(&job->q, r->query, &faults) == OK)
        settle_bounds(job, gateway_retention_days(loop_gateway(r->loop), r->tenant));
    query_job_settle(&job->super, r, &faults);
}
