/* SPDX-License-Identifier: MIT */
#include "indexer/id_table.h"

#include "common/ident.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256 };

struct id {
    uint64_t hash;
    size_t at, len; /* in the text, which moves as it grows */
};

void id_table_init(struct id_table *t)
{
    *t = (struct id_table){._cap = FIRST_SLOTS / 2};
    t->ids = mem_alloc(t->_cap * sizeof *t->ids);
    t->_slots = mem_zalloc(t->_cap * 2 * sizeof *t->_slots);
}

void id_table_done(struct id_table *t)
{
    free(t->ids);
    free(t->_slots);
    buf_done(&t->_text);
}

void id_table_clear(struct id_table *t)
{
    memset(t->_slots, 0, t->_cap * 2 * sizeof *t->_slots);
    t->count = 0;
    buf_clear(&t->_text);
}

struct slice id_table_id(const struct id_table *t, size_t place)
{
    return slice_make(t->_text.data + t->ids[place].at, t->ids[place].len);
}

/* The slot where `id` is, or would be. */
static size_t slot_of(const struct id_table *t, struct slice id, uint64_t hash)
{
    size_t mask = t->_cap * 2 - 1, slot = hash & mask;

    for (; t->_slots[slot]; slot = (slot + 1) & mask) {
        size_t place = t->_slots[slot] - 1;

        if (t->ids[place].hash == hash && slice_eq(id_table_id(t, place), id))
            break;
    }
    return slot;
}

static void grow(struct id_table *t)
{
    t->_cap *= 2;
    t->ids = mem_realloc(t->ids, t->_cap * sizeof *t->ids);
    free(t->_slots);
    t->_slots = mem_zalloc(t->_cap * 2 * sizeof *t->_slots);
    for (size_t i = 0; i < t->count; i++)
        t->_slots[slot_of(t, id_table_id(t, i), t->ids[i].hash)] = (uint32_t)i + 1;
}

size_t id_table_place(struct id_table *t, struct slice id, bool *ret_new)
{
    uint64_t hash = hash64(id);
    size_t slot = slot_of(t, id, hash);

    *ret_new = t->_slots[slot] == 0;
    if (!*ret_new)
        return t->_slots[slot] - 1;
    if (t->count == t->_cap) {
        grow(t);
        slot = slot_of(t, id, hash);
    }
    t->ids[t->count++] = (struct id){hash, t->_text.len, id.len};
    buf_add_slice(&t->_text, id);
    t->_slots[slot] = (uint32_t)t->count;
    return t->count - 1;
}
