/* SPDX-License-Identifier: MIT */
/* count_pipeline.h - how often each value of a field occurs among the logs that a selection
 * chooses, by time or in all, as an aggregation of the buckets or of the logs. Pure.
 *
 * Buckets know service, action, severity and outcome: where nothing else is asked, they answer at a
 * cost that does not depend on how many logs there are, and go on counting what has expired. */
#pragma once

#include "gateway/stats_range.h"
#include "gateway/totals_sum.h"
#include "gateway/value_counts.h"
#include "schemas/selection.h"
#include "schemas/stats.h"

#include <bson/bson.h>

struct count_question {
    struct slice tenant;
    const struct selection *s; /* whose dates count for nothing here */
    enum selection_field by;
    bool has_interval;      /* else one slot for all */
    enum window interval;   /* length of a slot */
    int64_t from_ms, to_ms; /* to_ms excluded */
};

size_t count_slots(const struct count_question *q);

/* Do buckets know all that is asked? */
bool count_from_buckets(const struct count_question *q);
/* Of one piece of the range. Logs too, where the piece is cut from them. */
void count_pipeline(bson_t *out, const struct count_question *q, const struct stats_piece *piece);
void count_row(const struct count_question *q, const struct stats_piece *piece, const bson_t *row,
               struct value_counts *into);
/* How coarse the buckets of a piece are: minutes and logs are read by count_pipeline, hours and
 * days from totals, row by row. */
enum window count_window(const struct count_question *q, const struct stats_piece *piece);
void count_total(const struct count_question *q, const struct totals_row *row,
                 struct value_counts *into);
/* The same of the logs alone, for the whole range; `most`: only the commonest, 0: all. */
void count_logs_pipeline(bson_t *out, const struct count_question *q, int64_t most);
void count_logs_row(const struct count_question *q, const bson_t *row, struct value_counts *into);
