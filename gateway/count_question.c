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

void count_append_tenant(bson_t *out, struct slice tenant)
{
    bson_append_utf8(out, "tenant", -1, tenant.data, (int)tenant.len);
}

void count_append_range(bson_t *out, const char *name, int64_t from_ms, int64_t to_ms)
{
    bson_t range;

    BSON_APPEND_DOCUMENT_BEGIN(out, name, &range);
    BSON_APPEND_DATE_TIME(&range, "$gte", from_ms);
    BSON_APPEND_DATE_TIME(&range, "$lt", to_ms);
    bson_append_document_end(out, &range);
}

void count_append_sum(bson_t *group, const char *name, const char *field)
{
    bson_t sum;

    BSON_APPEND_DOCUMENT_BEGIN(group, name, &sum);
    if (field)
        BSON_APPEND_UTF8(&sum, "$sum", field);
    else
        BSON_APPEND_INT64(&sum, "$sum", 1);
    bson_append_document_end(group, &sum);
}

void count_append_field(bson_t *id, enum selection_field f)
{
    char path[64];

    snprintf(path, sizeof path, "$%s", selection_path(f));
    BSON_APPEND_UTF8(id, "v", path);
}

uint64_t count_of_row(const bson_t *doc, const char *name)
{
    bson_iter_t at;
    int64_t n = bson_iter_init_find(&at, doc, name) ? bson_iter_as_int64(&at) : 0;
    return n > 0 ? (uint64_t)n : 0;
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
