/* SPDX-License-Identifier: MIT */
/* totals_gathered.h - what totals_document.c gathers and totals_bson.c writes down: each record's
 * delta once, and for each total the list of those that it gets. Private to the two. */
#pragma once

#include "common/buf.h"
#include "common/text_table.h"
#include "indexer/totals_position.h"
#include "schemas/stats.h"
#include "schemas/total.h"

/* One record's. It belongs to a total of each span. */
struct delta {
    struct totals_place at;
    size_t row; /* the place of its name */
    struct cells cells;
};

/* A delta in the list of a total. */
struct link {
    uint32_t delta, next; /* a place + 1; 0: the end */
};

struct total {
    size_t tenant_len; /* its id begins with it */
    enum total_span span;
    int64_t start_ms;
    uint32_t first, last; /* of its links, in the order of their records; 0: none */
    bool is_found;        /* the store has it */
};

struct totals {
    struct text_table ids, rows;
    struct total *totals; /* in the places of their ids */
    struct delta *deltas;
    struct link *links;
    size_t total_cap, delta_count, delta_cap, link_count, link_cap;
    size_t *order; /* places of totals, by span and id */
    size_t order_cap;
    uint32_t *chosen; /* places of the deltas of the update at hand, by row */
    size_t chosen_count, chosen_cap;
    struct totals_stretches stretches; /* of that update */
    struct buf text;
};

/* Room for one more. */
void *totals_grown(void *items, size_t count, size_t *cap, size_t size);
