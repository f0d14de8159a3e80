/* SPDX-License-Identifier: MIT */
/* count_logs.h - a count_question as an aggregation of the logs: any field, any filter, at a cost
 * that grows with the logs of the range. Pure. */
#pragma once

#include "gateway/count_question.h"
#include "gateway/value_counts.h"

/* `most`: only the commonest, 0: all. */
void count_logs_pipeline(bson_t *out, const struct count_question *q, int64_t most);
void count_logs_row(const struct count_question *q, const bson_t *row, struct value_counts *into);
