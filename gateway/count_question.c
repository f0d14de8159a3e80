/* SPDX-License-Identifier: MIT */
#include "gateway/count_question.h"

#include "schemas/bson_member.h"

#include <stdio.h>

size_t count_slots(const struct count_question *q)
{
    int64_t length = window_length_ms(q->interval);

    if (!q->has_interval)
        return 1;
    if (q->from_ms >= q->to_ms)
        return 0;
    return (
        size_t)((window_start(q->interval, q->to_ms - 1) - window_start(q->interval, q->from_ms)) /
                    length +
                1);
}

bool count_slot_at(const struct count_question *q, int64_t ms, size_t *ret)
{
    int64_t first = window_start(q->interval, q->from_ms);

    *ret = 0;
    if (!q->has_interval)
        return true;
    if (ms < first)
        return false;
    *ret = (size_t)((window_start(q->interval, ms) - first) / window_length_ms(q->interval));
    return *ret < count_slots(q);
}

void count_append_field(bson_t *id, enum selection_field f)
{
    char path[64];

    snprintf(path, sizeof path, "$%s", selection_path(f));
    BSON_APPEND_UTF8(id, "v", path);
}

struct slice count_value_of_row(const bson_t *row)
{
    bson_iter_t at, found;

    if (!bson_iter_init(&at, row) || !bson_iter_find_descendant(&at, "_id.v", &found))
        return (struct slice){NULL, 0};
    return bson_text_at(&found);
}

bool count_slot_of_row(const struct count_question *q, const bson_t *row, size_t *ret)
{
    bson_iter_t at, found;
    bool has_time = bson_iter_init(&at, row) && bson_iter_find_descendant(&at, "_id.t", &found) &&
                    BSON_ITER_HOLDS_DATE_TIME(&found);

    return count_slot_at(q, has_time ? bson_iter_date_time(&found) : INT64_MIN, ret);
}
