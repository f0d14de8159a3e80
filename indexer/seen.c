/* SPDX-License-Identifier: MIT */
#include "indexer/seen.h"

#include "common/ident.h"
#include "common/mem.h"

#include <stdlib.h>

enum { SLOTS = 1 << 17 }; /* 1 MiB: the totals of a month of hours, for some tenants */

struct seen {
    uint64_t hashes[SLOTS]; /* each in the slot of its lowest bits; 0: none */
};

struct seen *seen_new(void)
{
    return mem_zalloc(sizeof(struct seen));
}

void seen_free(struct seen *s)
{
    free(s);
}

void seen_add(struct seen *s, struct slice id)
{
    uint64_t hash = hash64(id);

    s->hashes[hash % SLOTS] = hash;
}

bool seen_has(const struct seen *s, struct slice id)
{
    uint64_t hash = hash64(id);

    return s->hashes[hash % SLOTS] == hash;
}
