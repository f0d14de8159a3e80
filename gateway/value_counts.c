/* SPDX-License-Identifier: MIT */
#include "gateway/value_counts.h"

#include "common/ident.h"
#include "common/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PLACES = 64 };

struct value_counts {
    size_t slots, max_values, count, cap;
    struct value_count *values;
    uint32_t *places; /* open addressing; index into values + 1, 0: free. At most half full */
    size_t place_count;
    bool overflowed, sorted;
};

struct value_counts *value_counts_new(size_t slots, size_t max_values)
{
    struct value_counts *c = mem_zalloc(sizeof *c);

    c->slots = slots;
    c->max_values = max_values;
    c->place_count = FIRST_PLACES;
    c->places = mem_zalloc(c->place_count * sizeof *c->places);
    return c;
}

void value_counts_clear(struct value_counts *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->values[i]._text);
        free(c->values[i].slots);
    }
    memset(c->places, 0, c->place_count * sizeof *c->places);
    c->count = 0;
    c->overflowed = c->sorted = false;
}

void value_counts_free(struct value_counts *c)
{
    if (!c)
        return;
    value_counts_clear(c);
    free(c->values);
    free(c->places);
    free(c);
}

/* Where the value is, or the free place where it belongs. */
static uint32_t *find_place(struct value_counts *c, struct slice value)
{
    size_t at = hash64(value) & (c->place_count - 1);

    while (c->places[at] && !slice_eq(c->values[c->places[at] - 1].value, value))
        at = (at + 1) & (c->place_count - 1);
    return &c->places[at];
}

static void double_places(struct value_counts *c)
{
    free(c->places);
    c->place_count *= 2;
    c->places = mem_zalloc(c->place_count * sizeof *c->places);
    for (size_t i = 0; i < c->count; i++)
        *find_place(c, c->values[i].value) = (uint32_t)i + 1;
}

static struct value_count *append(struct value_counts *c, struct slice value)
{
    char *text = mem_alloc(value.len + 1);

    if (value.len > 0)
        memcpy(text, value.data, value.len);
    if (c->count == c->cap) {
        c->cap = c->cap ? c->cap * 2 : FIRST_PLACES / 2;
        c->values = mem_realloc(c->values, c->cap * sizeof *c->values);
    }
    c->values[c->count] = (struct value_count){
        .value = {text, value.len},
        .slots = mem_zalloc(c->slots * sizeof(uint64_t)),
        ._text = text,
    };
    return &c->values[c->count++];
}

static struct value_count *find_or_append(struct value_counts *c, struct slice value)
{
    uint32_t *place = find_place(c, value);

    if (*place)
        return &c->values[*place - 1];
    if (c->count == c->max_values)
        return NULL;
    *place = (uint32_t)c->count + 1;
    struct value_count *added = append(c, value);
    if (c->count * 2 > c->place_count)
        double_places(c);
    return added;
}

void value_counts_add(struct value_counts *c, struct slice value, size_t slot, uint64_t n)
{
    assert(!c->sorted && slot < c->slots);
    if (n == 0)
        return;
    struct value_count *found = find_or_append(c, value);
    if (!found) {
        c->overflowed = true;
        return;
    }
    found->total += n;
    found->slots[slot] += n;
}

bool value_counts_overflowed(const struct value_counts *c)
{
    return c->overflowed;
}

static int by_rank(const void *left, const void *right)
{
    const struct value_count *a = left, *b = right;
    size_t shared = a->value.len < b->value.len ? a->value.len : b->value.len;

    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    int order = memcmp(a->value.data, b->value.data, shared);
    return order ? order : (a->value.len > b->value.len) - (a->value.len < b->value.len);
}

size_t value_counts_sort(struct value_counts *c, const struct value_count **ret)
{
    if (c->count > 0)
        qsort(c->values, c->count, sizeof *c->values, by_rank);
    c->sorted = true;
    *ret = c->values;
    return c->count;
}
