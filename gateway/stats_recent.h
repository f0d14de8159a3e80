/* SPDX-License-Identifier: MIT */
/* stats_recent.h - ranges of time that Redis has figures for. Pure. */
#pragma once

#include "gateway/stats_params.h"
#include "gateway/stats_redis.h"

/* Has it no filters? */
bool selection_has_only_dates(const struct selection *s);
/* The range asked for; where no start is given, today and the six days before. The dates of `q` are
 * made the same. */
struct stats_bounds stats_recent_bounds(struct stats_query *q, int64_t now_ms,
                                        int64_t log_retention_days);
/* The range as whole days. False: it is not, or Redis has forgotten some of it. Up to now is up to
 * the end of the day, as far as it goes. */
bool stats_recent_days(const struct stats_bounds *b, struct stats_span *ret);
/* The hours that hold the range. False: Redis has forgotten some of them. */
bool stats_recent_hours(const struct stats_bounds *b, struct stats_span *ret);
