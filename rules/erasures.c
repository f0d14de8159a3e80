/* SPDX-License-Identifier: MIT */
#include "rules/erasures.h"

#include "common/ident.h"
#include "common/mem.h"

#include <stdlib.h>

struct item {
    struct erasure erasure;
    struct item *same_slot;
    char text[]; /* tenant, user, salt */
};

struct erasures {
    struct item **items, **slots;
    size_t count, cap, mask;
};

enum { FIRST_SLOTS = 64 };

struct erasures *erasures_new(void)
{
    struct erasures *e = mem_zalloc(sizeof *e);

    e->slots = mem_zalloc(FIRST_SLOTS * sizeof(struct item *));
    e->mask = FIRST_SLOTS - 1;
    return e;
}

void erasures_free(struct erasures *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->count; i++)
        free(e->items[i]);
    free(e->items);
    free(e->slots);
    free(e);
}

static struct item **slot_of(const struct erasures *e, struct slice tenant, struct slice user_id)
{
    return &e->slots[hash128_pair(tenant, user_id).low & e->mask];
}

static void link_in(struct erasures *e, struct item *item)
{
    struct item **slot = slot_of(e, item->erasure.tenant, item->erasure.user_id);

    item->same_slot = *slot;
    *slot = item;
}

static void grow(struct erasures *e)
{
    free(e->slots);
    e->mask = e->mask * 2 + 1;
    e->slots = mem_zalloc((e->mask + 1) * sizeof(struct item *));
    for (size_t i = 0; i < e->count; i++)
        link_in(e, e->items[i]);
}

static struct slice keep(char **to, struct slice text)
{
    struct slice kept = slice_make(*to, text.len);

    if (text.len > 0)
        memcpy(*to, text.data, text.len);
    *to += text.len;
    return kept;
}

void erasures_add(struct erasures *e, const struct erasure *erasure)
{
    struct item *item = mem_zalloc(sizeof *item + erasure->tenant.len + erasure->user_id.len +
                                   erasure->salt.len + 1);
    char *to = item->text;

    item->erasure = *erasure;
    item->erasure.tenant = keep(&to, erasure->tenant);
    item->erasure.user_id = keep(&to, erasure->user_id);
    item->erasure.salt = keep(&to, erasure->salt);
    if (e->count == e->cap) {
        e->cap = e->cap ? e->cap * 2 : FIRST_SLOTS;
        e->items = mem_realloc(e->items, e->cap * sizeof(struct item *));
    }
    e->items[e->count++] = item;
    if (e->count > e->mask / 2)
        grow(e);
    else
        link_in(e, item);
}

size_t erasures_count(const struct erasures *e)
{
    return e->count;
}

const struct erasure *erasures_at(const struct erasures *e, size_t nth)
{
    return &e->items[nth]->erasure;
}

const struct erasure *erasures_find(const struct erasures *e, struct slice tenant,
                                    struct slice user_id, int64_t timestamp_ms, int64_t created_ms)
{
    const struct erasure *found = NULL;

    if (!e || e->count == 0 || !user_id.data)
        return NULL;
    for (const struct item *i = *slot_of(e, tenant, user_id); i; i = i->same_slot) {
        const struct erasure *one = &i->erasure;

        if (!slice_eq(one->tenant, tenant) || !slice_eq(one->user_id, user_id))
            continue;
        if (timestamp_ms > one->at_ms && created_ms > one->at_ms)
            continue;
        if (!found || one->mode == ERASE_DELETE)
            found = one;
    }
    return found;
}
