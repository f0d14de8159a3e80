/* SPDX-License-Identifier: MIT */
/* id_table.h - gives each text a place, in the order they come, and finds it again. Pure. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct id_table {
    struct id *ids;
    size_t count, _cap;
    uint32_t *_slots; /* place + 1; 0: free. Twice `_cap` of them, a power of two */
    struct buf _text;
};

void id_table_init(struct id_table *t);
void id_table_done(struct id_table *t);
void id_table_clear(struct id_table *t); /* keeps the memory */

/* The place of `id`, which is `count` - 1 when it is new. */
size_t id_table_place(struct id_table *t, struct slice id, bool *ret_new);
/* The view lives until the next id is placed. */
struct slice id_table_id(const struct id_table *t, size_t place);
