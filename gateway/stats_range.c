/* SPDX-License-Identifier: MIT */
#include "gateway/stats_range.h"

#include "schemas/stats.h"

enum { MS_PER_MINUTE = 60000 };
static const int64_t MS_PER_DAY = 86400000;

/* From the finest to the coarsest: a range of one is cut at the edges of the next. */
static const struct level {
    enum stats_source source;
    enum window coarser;
} levels[] = {
    {FROM_LOGS, WINDOW_MINUTE},
    {FROM_MINUTES, WINDOW_HOUR},
    {FROM_HOURS, WINDOW_DAY},
};

const char *stats_resolution_name(enum stats_resolution r)
{
    static const char *const names[] = {"exact", "minute", "hour", "day"};
    return names[r];
}

static int64_t round_up(enum window w, int64_t ms)
{
    int64_t start = window_start(w, ms);
    return start == ms ? ms : start + window_length_ms(w);
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
    if (source == FROM_DAYS)
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

static enum window window_of(enum stats_resolution r)
{
    static const enum window windows[] = {[RESOLUTION_MINUTE] = WINDOW_MINUTE,
                                          [RESOLUTION_HOUR] = WINDOW_HOUR,
                                          [RESOLUTION_DAY] = WINDOW_DAY};
    return windows[r];
}

/* [from, to) from `level` on: what is ragged at both ends from this level, the middle from the
 * coarser ones. */
static void cut_level(struct stats_cut *cut, const struct stats_bounds *b, size_t level,
                      int64_t from, int64_t to)
{
    if (level == sizeof levels / sizeof levels[0] || levels[level].source == b->coarsest) {
        add_piece(cut, b->coarsest, from, to);
        return;
    }
    int64_t first = round_up(levels[level].coarser, from);
    int64_t last = window_start(levels[level].coarser, to);

    if (first >= last) {
        add_piece(cut, levels[level].source, from, to);
        return;
    }
    add_piece(cut, levels[level].source, from, first);
    cut_level(cut, b, level + 1, first, last);
    add_piece(cut, levels[level].source, last, to);
}

void stats_cut(const struct stats_bounds *b, struct stats_cut *ret)
{
    int64_t from = b->start_ms, to = b->end_ms + 1;
    enum stats_resolution at_start, at_end;

    *ret = (struct stats_cut){.resolution = RESOLUTION_EXACT};
    if (b->ends_now)
        to = round_up(WINDOW_MINUTE, to);
    if (from >= to)
        return;
    at_start = resolve(b, from);
    at_end = resolve(b, to);
    if (at_start != RESOLUTION_EXACT)
        from = window_start(window_of(at_start), from);
    if (at_end != RESOLUTION_EXACT)
        to = round_up(window_of(at_end), to);
    ret->resolution = at_start > at_end ? at_start : at_end;
    cut_level(ret, b, 0, from, to);
}
