/* SPDX-License-Identifier: MIT */
#include "gateway/stats_recent.h"

#include "schemas/dashboard_key.h"

static const int64_t DAY_MS = 86400000, HOUR_MS = 3600000, DOUBT_MS = 60000;

/* From what is kept on, to what lies ahead: so many keys are asked for at most. */
enum { RANGE_DAYS = 14 };

bool selection_has_only_dates(const struct selection *s)
{
    return s->filter_count == 0 && s->word_count == 0;
}

struct stats_bounds stats_recent_bounds(struct stats_query *q, int64_t now_ms,
                                        int64_t log_retention_days)
{
    struct stats_bounds b = stats_query_bounds(q, now_ms, log_retention_days);

    if (!q->s.has_start)
        b.start_ms = window_start(WINDOW_DAY, b.end_ms) - (DASHBOARD_USER_DAYS - 1) * DAY_MS;
    q->s.has_start = q->s.has_end = true;
    q->s.start_ms = b.start_ms;
    q->s.end_ms = b.end_ms;
    return b;
}

/* Keys are kept for a while from their start. The clocks of two machines differ. */
static bool is_kept(int64_t start_ms, int64_t now_ms)
{
    return start_ms + DASHBOARD_USER_DAYS * DAY_MS > now_ms + DOUBT_MS;
}

bool stats_recent_days(const struct stats_bounds *b, struct stats_span *ret)
{
    int64_t end_ms = b->ends_now ? window_start(WINDOW_DAY, b->end_ms) + DAY_MS : b->end_ms + 1;

    if (window_start(WINDOW_DAY, b->start_ms) != b->start_ms ||
        window_start(WINDOW_DAY, end_ms) != end_ms || !is_kept(b->start_ms, b->now_ms) ||
        end_ms - b->start_ms > RANGE_DAYS * DAY_MS)
        return false;
    *ret = (struct stats_span){b->start_ms, end_ms};
    return true;
}

bool stats_recent_hours(const struct stats_bounds *b, struct stats_span *ret)
{
    int64_t from_ms = window_start(WINDOW_HOUR, b->start_ms);
    int64_t last_ms = window_start(WINDOW_HOUR, b->end_ms);

    if (b->start_ms > b->end_ms) {
        *ret = (struct stats_span){from_ms, from_ms};
        return true;
    }
    /* A day of which the first hours are forgotten may be the only key of its later hours. */
    if (!is_kept(from_ms, b->now_ms) || last_ms - from_ms > RANGE_DAYS * DAY_MS)
        return false;
    *ret = (struct stats_span){from_ms, last_ms + HOUR_MS};
    return true;
}
