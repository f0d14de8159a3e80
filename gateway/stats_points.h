/* SPDX-License-Identifier: MIT */
/* stats_points.h - the points of a time series: adjoining intervals, in a time zone. Pure.
 *
 * A day is as long as the clocks make it (23, 24 or 25 hours); an hour ends at the next full local
 * hour, or where the clocks change. */
#pragma once

#include "common/err.h"
#include "common/zone.h"
#include "gateway/stats_range.h"
#include "schemas/stats.h"

#include <stddef.h>
#include <stdint.h>

enum { STATS_POINTS_MAX = 11000 };

struct stats_points {
    int64_t *edges; /* count + 1 of them, ascending; point i is from edges[i] up to edges[i + 1] */
    size_t count;
    enum stats_source source; /* the coarsest buckets that no edge cuts; logs: none */
};

/* Those that hold [from_ms, to_ms), none when it is empty. REJECT: more than STATS_POINTS_MAX. */
enum result stats_points_make(struct stats_points *ret, const struct zone *zone,
                              enum window interval, int64_t from_ms, int64_t to_ms);
void stats_points_done(struct stats_points *p);
/* Which point `ms` lies in; the nearest when it lies in none. */
size_t stats_points_find(const struct stats_points *p, int64_t ms);
