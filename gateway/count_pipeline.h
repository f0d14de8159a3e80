/* SPDX-License-Identifier: MIT */
/* count_pipeline.h - a count_question as an aggregation of the buckets. Pure.
 *
 * Buckets know service, action, severity and outcome: where nothing else is asked, they answer at a
 * cost that does not depend on how many logs there are, and go on counting what has expired. */
#pragma once

#include "gateway/count_question.h"
#include "gateway/totals_sum.h"
#include "gateway/value_counts.h"

#include <bson/bson.h>

/* Do buckets know all that is asked? */
bool count_from_buckets(const struct count_question *q);
/* The coarsest buckets that no border between slots cuts. */
enum stats_source count_coarsest(const struct count_question *q);
/* Of one piece of the range, minutes or logs. */
void count_pipeline(bson_t *out, const struct count_question *q, const struct stats_piece *piece);
void count_row(const struct count_question *q, const struct stats_piece *piece, const bson_t *row,
               struct value_counts *into);
/* Of a total: hours, days and weeks are read row by row. */
void count_total(const struct count_question *q, const struct totals_row *row,
                 struct value_counts *into);
