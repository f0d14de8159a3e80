/* SPDX-License-Identifier: MIT */
#include "gateway/stats_present.h"

#include "gateway/count_bson.h"
#include "schemas/stats.h"

/* Events of later minutes are usual then: not worth a try. */
enum { ABOUT_NOW_MS = 60000 };

/* The end of the coarsest bucket that the range ends in and does not begin in. */
static int64_t end_of_bucket(enum stats_source coarsest, int64_t from_ms, int64_t to_ms)
{
    for (enum stats_source s = coarsest; s < FROM_LOGS; s++)
        if (stats_source_start(s, to_ms - 1) >= from_ms)
            return stats_source_end(s, to_ms - 1);
    return to_ms;
}

bool stats_present_cut(const struct stats_bounds *bounds, const struct stats_cut *cut,
                       struct stats_present *ret)
{
    struct stats_bounds wider = *bounds;

    if (cut->count == 0 || bounds->end_ms < bounds->now_ms - ABOUT_NOW_MS)
        return false;
    int64_t from_ms = cut->pieces[0].from_ms, to_ms = cut->pieces[cut->count - 1].to_ms;
    int64_t wider_ms = end_of_bucket(bounds->coarsest, from_ms, to_ms);
    if (wider_ms == to_ms)
        return false;
    wider.end_ms = wider_ms - 1;
    wider.ends_now = false;
    *ret = (struct stats_present){.from_ms = to_ms, .to_ms = wider_ms};
    stats_cut(&wider, &ret->cut);
    return true;
}

/* {tenant, window: "minute", start: {$gte, $lt}, lastAt: {$gte}}. The minute that the range ends in
 * may hold earlier events, too. */
void stats_present_later(bson_t *filter, struct slice tenant, const struct stats_present *present)
{
    bson_t last;

    count_append_tenant(filter, tenant);
    BSON_APPEND_UTF8(filter, "window", window_name(WINDOW_MINUTE));
    count_append_range(filter, "start", window_start(WINDOW_MINUTE, present->from_ms),
                       present->to_ms);
    BSON_APPEND_DOCUMENT_BEGIN(filter, "lastAt", &last);
    BSON_APPEND_DATE_TIME(&last, "$gte", present->from_ms);
    bson_append_document_end(filter, &last);
}
