/* SPDX-License-Identifier: MIT */
#include "processor/refusals.h"

#include "common/mem.h"

#include <stdlib.h>

struct refused {
    int64_t careful_until; /* -1: nothing refused */
    int64_t offset;        /* of the one refused alone */
    enum refusal level;    /* REFUSED_NEVER: none yet */
};

struct refusals {
    size_t count;
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
                   bool alone)
{
    struct refused *p = &r->partitions[partition];

    if (offset > p->careful_until)
        p->careful_until = offset;
    if (!alone)
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

bool refusals_pending(const struct refusals *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->partitions[i].careful_until >= 0)
            return true;
    }
    return false;
}
