/* SPDX-License-Identifier: MIT */
/* count_bson.h - what the aggregations that count logs or buckets have in common, and the rows that
 * come of them. Pure. */
#pragma once

#include "common/slice.h"
#include "schemas/selection.h"
#include "schemas/stats.h"

#include <bson/bson.h>

void count_append_tenant(bson_t *match, struct slice tenant);
/* `to_ms` excluded. */
void count_append_range(bson_t *match, const char *name, int64_t from_ms, int64_t to_ms);
void count_append_sum(bson_t *group, const char *name, const char *field); /* NULL: of ones */
void count_append_cells(bson_t *group); /* the sum of each cell of buckets, under its name */

uint64_t count_of_row(const bson_t *row, const char *name);
void count_cells_of_row(const bson_t *row, struct cells *ret);

/* The filters by service and action, which choose buckets; those by severity and outcome choose
 * cells. Borrows from `chosen`. */
struct selection count_names(const struct selection *chosen);
bool count_names_fit(const struct selection *chosen, struct slice service, struct slice action);
bool count_cell_fits(const struct selection *chosen, size_t cell);
