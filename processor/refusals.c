/* SPDX-License-Identifier: MIT */
#include "processor/refusals.h"

#include "common/mem.h"

#include <stdlib.h>

struct refused {
    int64_t careful_until; /* -1: nothing refused */
    int64_t offset;        /* of the one refused alone */
    enum refusal level;    /* REFUSED_NEVER: none yet */
};

enum { NARROWER = 16, WIDER = 2 };

struct refusals {
    size_t count;
    size_t most; /* while something is refused */
    struct refused partitions[];
};

struct refusals *refusals_new(size_t partitions)
{
    struct refusals *r = mem_zalloc(sizeof *r + partitions * sizeof r->partitions[0]);

    r->count = partitions;
    for (size_t i = 0; i < partitions; i++)
        r->partitions[i].careful_until = -1;
    return r;
}

void refusals_free(struct refusals *r)
{
    free(r);
}

void refusals_note(struct refusals *r, int32_t partition, int64_t offset, bool dead_letter,
                   size_t records)
{
    struct refused *p = &r->partitions[partition];

    if (offset > p->careful_until)
        p->careful_until = offset;
    r->most = records > NARROWER ? records / NARROWER : 1;
    if (records != 1)
        return;
    p->offset = offset;
    p->level = dead_letter ? REFUSED_DEAD_LETTER : REFUSED_ENRICHED;
}

enum refusal refusals_of(const struct refusals *r, int32_t partition, int64_t offset)
{
    const struct refused *p = &r->partitions[partition];

    return p->careful_until >= 0 && p->offset == offset ? p->level : REFUSED_NEVER;
}

void refusals_passed(struct refusals *r, int32_t partition, int64_t next_offset)
{
    struct refused *p = &r->partitions[partition];

    if (p->careful_until >= 0 && next_offset > p->careful_until)
        *p = (struct refused){.careful_until = -1};
}

size_t refusals_most(const struct refusals *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->partitions[i].careful_until >= 0)
            return r->most;
    }
    return SIZE_MAX;
}

void refusals_widen(struct refusals *r)
{
    r->most = r->most < SIZE_MAX / WIDER ? r->most * WIDER : r->most;
}
