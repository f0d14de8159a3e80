/* SPDX-License-Identifier: MIT */
#include "processor/pace.h"

/* Where a commit itself takes longer than that, records are gathered for as long as the last one
 * took: else a busy machine would spend its time on committing a few records at a time, and never
 * catch up. The broker aborts a transaction of 5 s, which all of this stays well below. */
enum { GATHER_MS = 100, BACKLOG_GATHER_MS = 500, GATHER_MS_MAX = 1000 };
enum { RECORDS = 5000, BACKLOG_RECORDS = 50000, BYTES = 16 * 1024 * 1024 };

void pace_look(struct pace *p, int64_t waiting)
{
    p->has_backlog = waiting > RECORDS;
}

static int64_t gather_ms(const struct pace *p)
{
    int64_t least = p->has_backlog ? BACKLOG_GATHER_MS : GATHER_MS;

    if (p->last_commit_ms <= least)
        return least;
    return p->last_commit_ms < GATHER_MS_MAX ? p->last_commit_ms : GATHER_MS_MAX;
}

bool pace_is_full(const struct pace *p, size_t records, size_t bytes)
{
    return records >= (size_t)(p->has_backlog ? BACKLOG_RECORDS : RECORDS) || bytes >= BYTES;
}

int64_t pace_left_ms(const struct pace *p, int64_t age_ms)
{
    int64_t most = gather_ms(p);

    return age_ms < most ? most - age_ms : 0;
}
