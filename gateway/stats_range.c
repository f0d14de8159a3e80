/* SPDX-License-Identifier: MIT */
#include "gateway/stats_range.h"

#include "schemas/stats.h"

enum { MS_PER_MINUTE = 60000 };
static const int64_t MS_PER_DAY = 86400000;

const char *stats_resolution_name(enum stats_resolution r)
{
    static const char *const names[] = {"exact", "minute", "hour", "day"};
    return names[r];
}

bool stats_source_span(enum stats_source source, enum total_span *ret)
{
    static const enum total_span spans[] = {
        [FROM_WEEKS] = TOTAL_WEEK, [FROM_DAYS] = TOTAL_DAY, [FROM_HOURS] = TOTAL_HOUR};

    if (source > FROM_HOURS)
        return false;
    *ret = spans[source];
    return true;
}

int64_t stats_source_start(enum stats_source source, int64_t ms)
{
    enum total_span span;

    if (stats_source_span(source, &span))
        return total_span_start(span, ms);
    return source == FROM_MINUTES ? window_start(WINDOW_MINUTE, ms) : ms;
}

int64_t stats_source_end(enum stats_source source, int64_t ms)
{
    enum total_span span;
    int64_t length = source == FROM_MINUTES ? MS_PER_MINUTE : 1;

    if (stats_source_span(source, &span))
        length = total_span_length_ms(span);
    return stats_source_start(source, ms) + length;
}

static int64_t round_up(enum stats_source source, int64_t ms)
{
    return stats_source_end(source, ms - 1);
}

static void add_piece(struct stats_cut *cut, enum stats_source source, int64_t from, int64_t to)
{
    if (from < to)
        cut->pieces[cut->count++] = (struct stats_piece){source, from, to};
}

/* Is all that was counted since `from_ms` still there, in what is kept for `days`? The expiry runs
 * every minute or so, and clocks differ: a minute of doubt. */
static bool is_kept(int64_t from_ms, int64_t days, int64_t now_ms)
{
    return from_ms >= now_ms - days * MS_PER_DAY + MS_PER_MINUTE;
}

bool stats_source_kept(enum stats_source source, int64_t from_ms, int64_t now_ms)
{
    if (source <= FROM_DAYS)
        return true;
    return is_kept(from_ms, source == FROM_HOURS ? STATS_HOUR_DAYS : STATS_MINUTE_DAYS, now_ms);
}

static bool is_aligned(enum window w, int64_t edge_ms)
{
    return window_start(w, edge_ms) == edge_ms;
}

/* How fine the range may be cut at this edge. The pieces next to an edge lie within the minute,
 * hour or day around it. */
static enum stats_resolution resolve(const struct stats_bounds *b, int64_t edge_ms)
{
    if (!is_aligned(WINDOW_DAY, edge_ms) &&
        !is_kept(window_start(WINDOW_DAY, edge_ms), STATS_HOUR_DAYS, b->now_ms))
        return RESOLUTION_DAY;
    if (!is_aligned(WINDOW_HOUR, edge_ms) &&
        !is_kept(window_start(WINDOW_HOUR, edge_ms), STATS_MINUTE_DAYS, b->now_ms))
        return RESOLUTION_HOUR;
    if (!is_aligned(WINDOW_MINUTE, edge_ms) &&
        !is_kept(window_start(WINDOW_MINUTE, edge_ms), b->log_retention_days, b->now_ms))
        return RESOLUTION_MINUTE;
    return RESOLUTION_EXACT;
}

/* What the range is moved to the borders of. */
static enum stats_source source_of(enum stats_resolution r)
{
    static const enum stats_source sources[] = {[RESOLUTION_EXACT] = FROM_LOGS,
                                                [RESOLUTION_MINUTE] = FROM_MINUTES,
                                                [RESOLUTION_HOUR] = FROM_HOURS,
                                                [RESOLUTION_DAY] = FROM_DAYS};
    return sources[r];
}

/* [from, to) from `source` on: what is ragged at both ends from this one, the middle from the
 * coarser ones. */
static void cut_source(struct stats_cut *cut, enum stats_source coarsest, enum stats_source source,
                       int64_t from, int64_t to)
{
    int64_t first = from, last = from;

    if (source > coarsest) {
        first = round_up(source - 1, from);
        last = stats_source_start(source - 1, to);
    }
    if (first >= last) {
        add_piece(cut, source, from, to);
        return;
    }
    add_piece(cut, source, from, first);
    cut_source(cut, coarsest, source - 1, first, last);
    add_piece(cut, source, last, to);
}

void stats_cut(const struct stats_bounds *b, struct stats_cut *ret)
{
    int64_t from = b->start_ms, to = b->end_ms + 1;
    enum stats_resolution at_start, at_end;

    *ret = (struct stats_cut){.resolution = RESOLUTION_EXACT};
    if (b->ends_now)
        to = round_up(FROM_MINUTES, to);
    if (from >= to)
        return;
    at_start = resolve(b, from);
    at_end = resolve(b, to);
    from = stats_source_start(source_of(at_start), from);
    to = round_up(source_of(at_end), to);
    ret->resolution = at_start > at_end ? at_start : at_end;
    cut_source(ret, b->coarsest, FROM_LOGS, from, to);
}
