/* SPDX-License-Identifier: MIT */
#include "common/text_table.h"

#include "common/ident.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 128 };

struct text_place {
    uint64_t hash;
    size_t at, len; /* in the bytes, which move as they grow */
};

void text_table_init(struct text_table *t)
{
    *t = (struct text_table){._cap = FIRST_CAP};
    t->_texts = mem_alloc(t->_cap * sizeof *t->_texts);
    t->_slots = mem_zalloc(t->_cap * 2 * sizeof *t->_slots);
}

void text_table_done(struct text_table *t)
{
    free(t->_texts);
    free(t->_slots);
    buf_done(&t->_bytes);
}

void text_table_clear(struct text_table *t)
{
    memset(t->_slots, 0, t->_cap * 2 * sizeof *t->_slots);
    t->count = t->bytes = 0;
    buf_clear(&t->_bytes);
}

struct slice text_table_text(const struct text_table *t, size_t place)
{
    return slice_make(t->_bytes.data + t->_texts[place].at, t->_texts[place].len);
}

/* The slot where `text` is, or would be. */
static size_t slot_of(const struct text_table *t, struct slice text, uint64_t hash)
{
    size_t mask = t->_cap * 2 - 1, slot = hash & mask;

    for (; t->_slots[slot]; slot = (slot + 1) & mask) {
        size_t place = t->_slots[slot] - 1;

        if (t->_texts[place].hash == hash && slice_eq(text_table_text(t, place), text))
            break;
    }
    return slot;
}

static void grow(struct text_table *t)
{
    t->_cap *= 2;
    t->_texts = mem_realloc(t->_texts, t->_cap * sizeof *t->_texts);
    free(t->_slots);
    t->_slots = mem_zalloc(t->_cap * 2 * sizeof *t->_slots);
    for (size_t i = 0; i < t->count; i++)
        t->_slots[slot_of(t, text_table_text(t, i), t->_texts[i].hash)] = (uint32_t)i + 1;
}

size_t text_table_place(struct text_table *t, struct slice text, bool *ret_new)
{
    uint64_t hash = hash64(text);
    size_t slot = slot_of(t, text, hash);

    *ret_new = t->_slots[slot] == 0;
    if (!*ret_new)
        return t->_slots[slot] - 1;
    if (t->count == t->_cap) {
        grow(t);
        slot = slot_of(t, text, hash);
    }
    t->_texts[t->count++] = (struct text_place){hash, t->bytes, text.len};
    buf_add_slice(&t->_bytes, text);
    t->bytes += text.len;
    t->_slots[slot] = (uint32_t)t->count;
    return t->count - 1;
}
