/* SPDX-License-Identifier: MIT */
/* text_table.h - gives each text a place, in the order they come, and finds it again. Pure. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>

struct text_table {
    size_t count;
    size_t bytes;              /* of all texts */
    struct text_place *_texts; /* `count` of them, room for `_cap` */
    size_t _cap;
    uint32_t *_slots; /* place + 1; 0: free. Twice `_cap` of them, a power of two */
    struct buf _bytes;
};

void text_table_init(struct text_table *t);
void text_table_done(struct text_table *t);
void text_table_clear(struct text_table *t); /* keeps the memory */

/* The place of `text`, which is the last one when it is new. */
size_t text_table_place(struct text_table *t, struct slice text, bool *ret_new);
/* The view lives until the next text is placed. */
struct slice text_table_text(const struct text_table *t, size_t place);
