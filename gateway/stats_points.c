/* SPDX-License-Identifier: MIT */
#include "gateway/stats_points.h"

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
