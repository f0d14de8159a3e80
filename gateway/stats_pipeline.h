/* SPDX-License-Identifier: MIT */
/* stats_pipeline.h - one piece of a range as counts: minutes and logs by an aggregation, hours and
 * days by rows of totals. Pure.
 *
 * A bucket's value is the sum over its shards, so grouping by name and adding up the cells is right
 * for any number of buckets. Filters by service and action choose buckets, those by severity and
 * outcome choose cells of them. */
#pragma once

#include "gateway/stats_groups.h"
#include "gateway/stats_points.h"
#include "gateway/stats_range.h"
#include "gateway/totals_sum.h"
#include "schemas/selection.h"

#include <bson/bson.h>

/* What is asked of each piece. */
struct stats_view {
    const struct selection *chosen; /* filters by service, action, severity and outcome alone */
    struct stats_grouping by;
    const struct stats_points *points; /* NULL: time is not told apart */
};

const char *stats_collection(const struct stats_piece *piece);
/* Of minutes or logs, appended to an empty `out`. */
void stats_pipeline(bson_t *out, const struct stats_piece *piece, const struct stats_view *view,
                    struct slice tenant);
void stats_pipeline_row(const struct stats_piece *piece, const struct stats_view *view,
                        const bson_t *row, struct stats_groups *groups);
/* Of a total. */
void stats_pipeline_total(const struct stats_view *view, const struct totals_row *row,
                          struct stats_groups *groups);
