/* SPDX-License-Identifier: MIT */
#include "gateway/stats_points.h"

#include "common/mem.h"

#include <stdlib.h>

static const int64_t DAY_S = 86400, HOUR_S = 3600;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The edges of a series, one after the other. */
struct walk {
    const struct zone *zone;
    enum window interval;
    int64_t day; /* of the last edge, local */
};

static int64_t first_edge_s(struct walk *w, int64_t from_s)
{
    int64_t local_s = from_s + zone_offset_s(w->zone, from_s);
    int64_t at_s, next_s;

    if (w->interval == WINDOW_MINUTE)
        return from_s - (local_s - floor_div(local_s, 60) * 60);
    if (w->interval == WINDOW_DAY) {
        w->day = floor_div(local_s, DAY_S);
        at_s = zone_day_start_s(w->zone, w->day);
        if (at_s > from_s) /* the end of a day that the clocks gave twice */
            at_s = zone_day_start_s(w->zone, --w->day);
        return at_s;
    }
    /* From full hours before, since an hour may begin with a change of the clocks. */
    at_s = from_s - (local_s - floor_div(local_s, HOUR_S) * HOUR_S) - HOUR_S;
    while ((next_s = zone_next_hour_s(w->zone, at_s)) <= from_s)
        at_s = next_s;
    return at_s;
}

static int64_t next_edge_s(struct walk *w, int64_t at_s)
{
    int64_t next_s;

    if (w->interval == WINDOW_MINUTE)
        return at_s + 60;
    if (w->interval == WINDOW_HOUR)
        return zone_next_hour_s(w->zone, at_s);
    do {
        next_s = zone_day_start_s(w->zone, ++w->day);
    } while (next_s <= at_s); /* a date that the zone left out */
    return next_s;
}

static enum stats_source coarsest(const int64_t *edges, size_t count)
{
    static const enum stats_source sources[] = {FROM_MINUTES, FROM_HOURS, FROM_DAYS};
    size_t window = WINDOW_DAY + 1;

    for (size_t i = 0; i < count; i++)
        while (window > 0 && window_start((enum window)(window - 1), edges[i]) != edges[i])
            window--;
    return window > 0 ? sources[window - 1] : FROM_LOGS;
}

enum result stats_points_make(struct stats_points *ret, const struct zone *zone,
                              enum window interval, int64_t from_ms, int64_t to_ms)
{
    struct walk walk = {zone, interval, 0};
    struct stats_points p = {.count = 0};

    *ret = p;
    if (from_ms >= to_ms)
        return OK;
    p.edges = mem_alloc((STATS_POINTS_MAX + 1) * sizeof *p.edges);
    int64_t at_s = first_edge_s(&walk, floor_div(from_ms, 1000));
    p.edges[0] = at_s * 1000;
    while (at_s * 1000 < to_ms) {
        if (p.count == STATS_POINTS_MAX) {
            stats_points_done(&p);
            return REJECT;
        }
        at_s = next_edge_s(&walk, at_s);
        p.edges[++p.count] = at_s * 1000;
    }
    p.source = coarsest(p.edges, p.count + 1);
    *ret = p;
    return OK;
}

void stats_points_done(struct stats_points *p)
{
    free(p->edges);
    *p = (struct stats_points){.edges = NULL};
}

size_t stats_points_find(const struct stats_points *p, int64_t ms)
{
    size_t low = 0, high = p->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (p->edges[middle] <= ms)
            low = middle;
        else
            high = middle;
    }
    return low;
}
