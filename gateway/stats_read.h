/* SPDX-License-Identifier: MIT */
/* stats_read.h - counts of a range, from the document store: every piece of it, added up. */
#pragma once

#include "gateway/query_job.h"
#include "gateway/stats_pipeline.h"

struct stats_ask {
    struct stats_view view;
    const struct stats_bounds *bounds; /* what `cut` is of; NULL: it is read as it is */
    struct stats_cut cut;
    int64_t limit_ms;            /* for each piece; 0: as long as the job has */
    struct stats_groups *groups; /* what was counted */
    int64_t as_of_ms;            /* all that was received before it is counted; 0: not known */
};

/* On a thread of the lookup pool. RETRY, REJECT as store_read. */
enum result stats_read(const struct query_job *job, struct stats_ask *ask, struct err *err);
/* The same without as_of_ms. */
enum result stats_read_pieces(const struct query_job *job, struct stats_ask *ask, struct err *err);

/* ,"asOf":"…" when it is known. */
void stats_add_as_of(struct buf *out, const struct stats_ask *ask);
/* "2026-11-22T10:00:00.000Z", quoted. */
void stats_add_time(struct buf *out, int64_t ms);
/* ,"timeRange":{"start":"…","end":"…"} */
void stats_add_range(struct buf *out, const struct stats_bounds *b);
/* "service":"auth","action":"login","count":1,"severity":{…}: the names in the order of `by`. Where
 * severities are told apart, "severity" is the name of one. */
void stats_add_group(struct buf *out, const struct stats_grouping *by,
                     const struct stats_group *group);
