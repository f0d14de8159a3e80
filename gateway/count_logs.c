/* SPDX-License-Identifier: MIT */
#include "gateway/count_logs.h"

#include "schemas/record.h"
#include "schemas/selection_bson.h"

static bson_t *begin_stage(bson_t *out, uint32_t *count, bson_t *stage)
{
    char text[16];
    const char *key;
    size_t len = bson_uint32_to_string((*count)++, &key, text, sizeof text);

    bson_append_document_begin(out, key, (int)len, stage);
    return stage;
}

/* {t: {$subtract: [time, {$mod: [{$subtract: [time, first slot]}, length]}]}}. Not $dateTrunc,
 * which takes DocumentDB three times as long and gets days wrong there (it groups several into
 * one). */
static void append_slot(bson_t *id, const struct count_question *q)
{
    static const char TIME[] = "$timestamp";
    bson_t slot, terms, rest, parts, past, both;

    BSON_APPEND_DOCUMENT_BEGIN(id, "t", &slot);
    BSON_APPEND_ARRAY_BEGIN(&slot, "$subtract", &terms);
    BSON_APPEND_UTF8(&terms, "0", TIME);
    BSON_APPEND_DOCUMENT_BEGIN(&terms, "1", &rest);
    BSON_APPEND_ARRAY_BEGIN(&rest, "$mod", &parts);
    BSON_APPEND_DOCUMENT_BEGIN(&parts, "0", &past);
    BSON_APPEND_ARRAY_BEGIN(&past, "$subtract", &both);
    BSON_APPEND_UTF8(&both, "0", TIME);
    BSON_APPEND_DATE_TIME(&both, "1", window_start(q->interval, q->from_ms));
    bson_append_array_end(&past, &both);
    bson_append_document_end(&parts, &past);
    BSON_APPEND_INT64(&parts, "1", window_length_ms(q->interval));
    bson_append_array_end(&rest, &parts);
    bson_append_document_end(&terms, &rest);
    bson_append_array_end(&slot, &terms);
    bson_append_document_end(id, &slot);
}

/* {t: …, v: "$userId"} */
static void append_log_id(bson_t *group, const struct count_question *q)
{
    bson_t id;

    BSON_APPEND_DOCUMENT_BEGIN(group, "_id", &id);
    if (q->has_interval)
        append_slot(&id, q);
    count_append_field(&id, q->by);
    bson_append_document_end(group, &id);
}

/* [{$sort: {n: -1, _id: 1}}, {$limit: most}] */
static void append_most(bson_t *out, uint32_t *count, int64_t most)
{
    bson_t stage, sort;

    begin_stage(out, count, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$sort", &sort);
    BSON_APPEND_INT32(&sort, "n", -1);
    BSON_APPEND_INT32(&sort, "_id", 1);
    bson_append_document_end(&stage, &sort);
    bson_append_document_end(out, &stage);
    begin_stage(out, count, &stage);
    BSON_APPEND_INT64(&stage, "$limit", most);
    bson_append_document_end(out, &stage);
}

void count_logs_pipeline(bson_t *out, const struct count_question *q, int64_t most)
{
    bson_t stage, inner;
    uint32_t count = 0;

    begin_stage(out, &count, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &inner);
    count_append_tenant(&inner, q->tenant);
    count_append_range(&inner, "timestamp", q->from_ms, q->to_ms);
    selection_bson_filters(&inner, q->s);
    bson_append_document_end(&stage, &inner);
    bson_append_document_end(out, &stage);
    if (q->by == SELECT_TAG) {
        begin_stage(out, &count, &stage);
        BSON_APPEND_UTF8(&stage, "$unwind", "$tags");
        bson_append_document_end(out, &stage);
    }
    begin_stage(out, &count, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &inner);
    append_log_id(&inner, q);
    count_append_sum(&inner, "n", NULL);
    bson_append_document_end(&stage, &inner);
    bson_append_document_end(out, &stage);
    if (most > 0)
        append_most(out, &count, most);
}

void count_logs_row(const struct count_question *q, const bson_t *row, struct value_counts *into)
{
    struct slice value = count_value_of_row(row);
    size_t slot;

    if (!value.data && q->by == SELECT_OUTCOME)
        value = slice_of(outcome_name(OUTCOME_NONE));
    if (value.data && count_slot_of_row(q, row, &slot))
        value_counts_add(into, value, slot, count_of_row(row, "n"));
}
