/* SPDX-License-Identifier: MIT */
/* stats_points.h - the points of a time series: adjoining intervals. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct stats_points {
    int64_t *edges; /* count + 1 of them, ascending; point i is from edges[i] up to edges[i + 1] */
    size_t count;
};

/* Which point `ms` lies in; the nearest when it lies in none. */
size_t stats_points_find(const struct stats_points *p, int64_t ms);
