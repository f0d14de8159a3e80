/* SPDX-License-Identifier: MIT */
/* stats_present.h - a range that ends about now, read as if it reached to the end of its week.
 * Pure.
 *
 *     start                                            now
 *       |..|---|=====|%%%%|###########|################:- - - -|
 *      logs …        days  weeks       this week        nothing yet
 *
 * Most ranges end now, where the running week (or day, or hour, whichever begins within the range)
 * holds no more than what is asked for: it stands for all the hours, minutes and logs that the end
 * would otherwise be cut into. Unless events are dated ahead. Whether they are is looked up, and
 * only afterwards, so that what comes in meanwhile does no harm: the indexer writes the shards of
 * minutes before it adds to totals. So what a total showed, the shards show by then, with the time
 * of their last event; when none is later than the end, the total held nothing that is. */
#pragma once

#include "common/slice.h"
#include "gateway/stats_range.h"

#include <bson/bson.h>

struct stats_present {
    struct stats_cut cut;   /* whose last piece reaches beyond the end */
    int64_t from_ms, to_ms; /* where nothing may have been counted */
};

/* False: the range does not end about now, or is cut as well as can be, into `cut`. */
bool stats_present_cut(const struct stats_bounds *bounds, const struct stats_cut *cut,
                       struct stats_present *ret);
/* The shards with events later than the end: a range of an index, about the running minute. */
void stats_present_later(bson_t *filter, struct slice tenant, const struct stats_present *present);
