/* SPDX-License-Identifier: MIT */
/* value_counts.h - how often each value of a field occurs, in each of some slots of time. Pure. */
#pragma once

#include "common/auto.h"
#include "common/slice.h"

#include <stdint.h>

struct value_count {
    struct slice value;
    uint64_t total;
    uint64_t *slots;
    char *_text; /* owned: value */
};

struct value_counts;

/* Values beyond `max_values` are not kept, and value_counts_overflowed says so. */
struct value_counts *value_counts_new(size_t slots, size_t max_values);
void value_counts_free(struct value_counts *c);
DEFINE_AUTO(value_counts)
void value_counts_clear(struct value_counts *c); /* as if it were new */

void value_counts_add(struct value_counts *c, struct slice value, size_t slot, uint64_t n);
bool value_counts_overflowed(const struct value_counts *c);
/* The commonest first, ties by value. Returns how many; they live as long as `c`, and nothing may
 * be added afterwards. */
size_t value_counts_sort(struct value_counts *c, const struct value_count **ret);
