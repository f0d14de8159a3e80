/* SPDX-License-Identifier: MIT */
/* totals_sum.h - adds up the rows of totals (schemas/total.h), as the document store has them.
 * Pure.
 *
 * A name occurs in every hour, day and week, so its counts are gathered first, under the name as it
 * is stored; it is read, and asked whether it fits, once. */
#pragma once

#include "common/auto.h"
#include "schemas/stats.h"

#include <bson/bson.h>

/* How many different rows are gathered at a time. */
enum { TOTALS_SUM_ROWS = 50000 };

struct totals_row {
    int64_t start_ms; /* of its hour, day or week, where they are told apart; else 0 */
    struct slice service, action;
    struct cells cells;
};

/* Gets a row, perhaps one of several of that name, borrowed for the call. False: enough. */
typedef bool totals_row_fn(void *ctx, const struct totals_row *row);

struct totals_sum;

/* `by_start`: hours, days or weeks are told apart. */
struct totals_sum *totals_sum_new(bool by_start, totals_row_fn *fn, void *ctx);
void totals_sum_free(struct totals_sum *s);
DEFINE_AUTO(totals_sum)

/* False: `fn` has enough. */
bool totals_sum_add(struct totals_sum *s, const bson_t *total);
/* Hands out what is left. */
bool totals_sum_finish(struct totals_sum *s);
