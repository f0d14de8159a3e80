/* SPDX-License-Identifier: MIT */
/* stats_range.h - a range of time, cut into what has been counted already. Pure.
 *
 *     start                                                               end
 *       |..|----|======|%%%%%|#######################|%%%%|======|------|...|
 *      logs minutes hours days         weeks          days hours minutes logs
 *
 * Whole weeks come from totals, then whole days and hours, whole minutes from shards, and only what
 * is shorter than a minute is counted from the logs themselves. So the cost does not depend on how
 * many logs there are.
 *
 * Fine buckets and logs expire before coarse ones. An end of the range that is so old that what
 * lies within its hour (or day) may be gone is moved outwards to the next hour (or day), and the
 * answer says so. */
#pragma once

#include "schemas/total.h"

enum { STATS_MINUTE_DAYS = 90, STATS_HOUR_DAYS = 400, STATS_PIECES_MAX = 9 };

/* From the coarsest to the finest. */
enum stats_source { FROM_WEEKS, FROM_DAYS, FROM_HOURS, FROM_MINUTES, FROM_LOGS };
/* False: it has no totals. */
bool stats_source_span(enum stats_source source, enum total_span *ret);
/* The bucket around `ms`. Of FROM_LOGS, the millisecond itself. */
int64_t stats_source_start(enum stats_source source, int64_t ms);
int64_t stats_source_end(enum stats_source source, int64_t ms); /* excluded */

struct stats_piece {
    enum stats_source source;
    int64_t from_ms, to_ms; /* to_ms excluded */
};

enum stats_resolution { RESOLUTION_EXACT, RESOLUTION_MINUTE, RESOLUTION_HOUR, RESOLUTION_DAY };
const char *stats_resolution_name(enum stats_resolution r);

struct stats_cut {
    struct stats_piece pieces[STATS_PIECES_MAX];
    size_t count;
    enum stats_resolution resolution;
};

/* Both ends are included. `ends_now`: the client named no end, so the current minute is taken
 * whole. `log_retention_days` is how long logs are kept. */
struct stats_bounds {
    int64_t start_ms, end_ms, now_ms;
    int64_t log_retention_days;
    bool ends_now;
    enum stats_source coarsest; /* buckets to be used; all that there are, unless said */
};

/* Are the buckets of this source kept for as long as since `from_ms`? */
bool stats_source_kept(enum stats_source source, int64_t from_ms, int64_t now_ms);

void stats_cut(const struct stats_bounds *bounds, struct stats_cut *ret);
