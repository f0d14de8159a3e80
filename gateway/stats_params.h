/* SPDX-License-Identifier: MIT */
/* stats_params.h - what the query string of a request for counts says, checked. Pure.
 *
 * Buckets know a log's service, action, severity, outcome and time, and nothing else of it. */
#pragma once

#include "gateway/stats_groups.h"
#include "gateway/stats_range.h"
#include "schemas/selection.h"
#include "schemas/stats.h"

struct stats_query {
    struct selection s;
    struct stats_grouping by;
    int64_t limit;
    enum window interval;
    struct slice zone; /* as given; data == NULL: UTC */
    enum stats_field { FIELD_SERVICE, FIELD_ACTION, FIELD_USER_ID, FIELD_COUNTRY } field;
    struct buf _arena;
};

/* Fill a zeroed struct from what stands after the '?'. REJECT: `faults` says what is wrong. The
 * struct owns memory in either case. */

/* Filters that buckets cannot answer count for nothing, as they always did in /stats. */
enum result stats_query_read(struct stats_query *q, struct slice query, struct faults *faults);
/* Those are refused. */
enum result timeseries_query_read(struct stats_query *q, struct slice query, struct faults *faults);
/* Those are kept; stats_counts tells. */
enum result top_query_read(struct stats_query *q, struct slice query, struct faults *faults);
enum result unique_query_read(struct stats_query *q, struct slice query, struct faults *faults);
void stats_query_done(struct stats_query *q);

/* Are the filters such as buckets can answer? */
bool stats_counts(const struct selection *s);
/* The range asked for: all time until now, where nothing is said. */
struct stats_bounds stats_query_bounds(const struct stats_query *q, int64_t now_ms,
                                       int64_t log_retention_days);
