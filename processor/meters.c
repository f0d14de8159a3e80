/* SPDX-License-Identifier: MIT */
#include "processor/meters.h"

#include "common/ident.h"
#include "common/mem.h"

#include <stdlib.h>

struct item {
    uint64_t hash;
    uint64_t counts[3];
    int64_t watermark_ms;
    uint8_t tenant_len;
    char tenant[RECORD_TENANT_MAX];
};

/* Items in order of arrival, and an open-addressing index of them with two slots an item. */
struct meters {
    struct item *items;
    uint32_t *slots; /* place + 1; 0: empty */
    size_t count, cap;
};

enum { FIRST_CAP = 16 };

struct meters *meters_new(void)
{
    return mem_zalloc(sizeof(struct meters));
}

void meters_free(struct meters *m)
{
    if (!m)
        return;
    free(m->items);
    free(m->slots);
    free(m);
}

static size_t slot_of(const struct meters *m, uint64_t hash, struct slice tenant)
{
    size_t mask = m->cap * 2 - 1;
    size_t slot = hash & mask;

    while (m->slots[slot]) {
        const struct item *item = &m->items[m->slots[slot] - 1];

        if (item->hash == hash && slice_eq(slice_make(item->tenant, item->tenant_len), tenant))
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow(struct meters *m)
{
    m->cap = m->cap ? m->cap * 2 : FIRST_CAP;
    m->items = mem_realloc(m->items, m->cap * sizeof *m->items);
    free(m->slots);
    m->slots = mem_zalloc(m->cap * 2 * sizeof *m->slots);
    for (size_t i = 0; i < m->count; i++) {
        const struct item *item = &m->items[i];

        m->slots[slot_of(m, item->hash, slice_make(item->tenant, item->tenant_len))] =
            (uint32_t)i + 1;
    }
}

void meters_count(struct meters *m, struct slice tenant, enum meter meter, int64_t append_ms)
{
    uint64_t hash = hash64(tenant);
    struct item *item;
    size_t slot;

    if (m->count == m->cap)
        grow(m);
    slot = slot_of(m, hash, tenant);
    if (!m->slots[slot]) {
        item = &m->items[m->count++];
        *item = (struct item){
            .hash = hash, .watermark_ms = append_ms, .tenant_len = (uint8_t)tenant.len};
        memcpy(item->tenant, tenant.data, tenant.len);
        m->slots[slot] = (uint32_t)m->count;
    }
    item = &m->items[m->slots[slot] - 1];
    item->counts[meter]++;
    item->watermark_ms = append_ms > item->watermark_ms ? append_ms : item->watermark_ms;
}

bool meters_at(const struct meters *m, size_t nth, struct stats_meta *ret)
{
    const struct item *item = &m->items[nth];

    if (nth >= m->count)
        return false;
    *ret = (struct stats_meta){
        .tenant = slice_make(item->tenant, item->tenant_len),
        .processed = item->counts[METER_PROCESSED],
        .rejected = item->counts[METER_REJECTED],
        .duplicates = item->counts[METER_DUPLICATES],
        .watermark_ms = item->watermark_ms,
    };
    return true;
}

void meters_clear(struct meters *m)
{
    m->count = 0;
    if (m->slots)
        memset(m->slots, 0, m->cap * 2 * sizeof *m->slots);
}
