/* SPDX-License-Identifier: MIT */
/* count_question.h - how often each value of a field occurs among the logs that a selection
 * chooses, by time or in all; and what both ways to answer it share, of buckets (count_pipeline.h)
 * and of logs (count_logs.h). Pure. */
#pragma once

#include "gateway/count_bson.h"
#include "gateway/stats_range.h"
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
/* False when the time is outside of the range, where nothing should be. */
bool count_slot_at(const struct count_question *q, int64_t ms, size_t *ret);

void count_append_field(bson_t *id, enum selection_field f); /* as `v`, beside `t`, the time */

/* Of a row that came of it, {_id: {t, v}, …}: the value; data == NULL when it is no text. */
struct slice count_value_of_row(const bson_t *row);
/* As count_slot_at, of its time. */
bool count_slot_of_row(const struct count_question *q, const bson_t *row, size_t *ret);
