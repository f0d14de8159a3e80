/* SPDX-License-Identifier: MIT */
#include "gateway/export_slots.h"

#include "common/ident.h"

static uint64_t owner_of(struct slice tenant)
{
    return hash64(tenant) | 1;
}

static size_t count(const struct export_slots *s, uint64_t owner)
{
    size_t n = 0;
    for (size_t i = 0; i < EXPORTS_MAX; i++)
        n += atomic_load(&s->owners[i]) == owner;
    return n;
}

static bool exchange_one(struct export_slots *s, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < EXPORTS_MAX; i++) {
        uint64_t expected = from;
        if (atomic_compare_exchange_strong(&s->owners[i], &expected, to))
            return true;
    }
    return false;
}

bool export_slots_take(struct export_slots *s, struct slice tenant)
{
    uint64_t owner = owner_of(tenant);
    return count(s, owner) < EXPORTS_OF_TENANT_MAX && exchange_one(s, 0, owner);
}

void export_slots_give(struct export_slots *s, struct slice tenant)
{
    exchange_one(s, owner_of(tenant), 0);
}

size_t export_slots_taken(const struct export_slots *s)
{
    return EXPORTS_MAX - count(s, 0);
}
