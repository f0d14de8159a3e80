/* SPDX-License-Identifier: MIT */
#include "gateway/log_filter.h"

#include "schemas/selection_bson.h"

static const char TIMESTAMP[] = "timestamp";

size_t log_filter_spans(const struct log_query *q, const struct log_position *after,
                        struct log_span spans[LOG_SPANS_MAX])
{
    struct log_span all = {.from_ms = q->s.has_start ? q->s.start_ms : INT64_MIN,
                           .to_ms = q->s.has_end ? q->s.end_ms : INT64_MAX};
    size_t count = 0;

    if (after && after->id.len && after->timestamp_ms >= all.from_ms &&
        after->timestamp_ms <= all.to_ms)
        spans[count++] = (struct log_span){after->timestamp_ms, after->timestamp_ms, after->id};
    if (after && q->oldest_first && after->timestamp_ms >= all.from_ms)
        all.from_ms = after->timestamp_ms + 1;
    if (after && !q->oldest_first && after->timestamp_ms <= all.to_ms)
        all.to_ms = after->timestamp_ms - 1;
    if (all.from_ms <= all.to_ms)
        spans[count++] = all;
    return count;
}

static void append_text(bson_t *out, const char *name, struct slice text)
{
    bson_append_utf8(out, name, -1, text.data, (int)text.len);
}

static void append_times(bson_t *out, const struct log_span *span)
{
    bson_t range;

    if (span->from_ms == INT64_MIN && span->to_ms == INT64_MAX)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(out, TIMESTAMP, &range);
    if (span->from_ms != INT64_MIN)
        BSON_APPEND_DATE_TIME(&range, "$gte", span->from_ms);
    if (span->to_ms != INT64_MAX)
        BSON_APPEND_DATE_TIME(&range, "$lte", span->to_ms);
    bson_append_document_end(out, &range);
}

void log_filter_match(bson_t *out, const struct log_query *q, struct slice tenant,
                      const struct log_span *span)
{
    bson_t beyond;

    append_text(out, "tenant", tenant);
    selection_bson_filters(out, &q->s);
    append_times(out, span);
    if (!span->beyond_id.data)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(out, "_id", &beyond);
    append_text(&beyond, q->oldest_first ? "$gt" : "$lt", span->beyond_id);
    bson_append_document_end(out, &beyond);
}

static void append_order(bson_t *out, int32_t direction)
{
    BSON_APPEND_INT32(out, TIMESTAMP, direction);
    BSON_APPEND_INT32(out, "_id", direction);
}

/* Filters with an index of their own (indexer/indexes.c). */
static const struct indexed {
    enum selection_field field;
    bool few; /* a value has few logs: they can be gathered and sorted */
} narrowest_first[] = {
    {SELECT_REQUEST_ID, true}, {SELECT_SESSION_ID, true}, {SELECT_RESOURCE_ID, true},
    {SELECT_USER_ID, true},    {SELECT_ACTION, false},    {SELECT_SERVICE, false},
    {SELECT_SEVERITY, false},
};

static bool is_exact(const struct selection_filter *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->values[i].prefix)
            return false;
    return true;
}

static bool serves(const struct indexed *index, const struct selection *s)
{
    const struct selection_filter *f = selection_find(s, index->field);
    return f && is_exact(f) && (f->count == 1 || index->few);
}

void log_filter_hint(bson_t *out, const struct selection *s)
{
    BSON_APPEND_INT32(out, "tenant", 1);
    for (size_t i = 0; i < sizeof narrowest_first / sizeof narrowest_first[0]; i++) {
        if (!serves(&narrowest_first[i], s))
            continue;
        BSON_APPEND_INT32(out, selection_path(narrowest_first[i].field), 1);
        break;
    }
    append_order(out, -1); /* of the index, which can be read either way */
}

void log_filter_sort(bson_t *out, const struct log_query *q)
{
    append_order(out, q->oldest_first ? 1 : -1);
}

void log_filter_projection(bson_t *out, const struct log_query *q)
{
    bool has_time = q->field_count == 0;

    for (size_t i = 0; i < q->field_count; i++) {
        bson_append_int32(out, q->fields[i].data, (int)q->fields[i].len, 1);
        has_time |= slice_is(q->fields[i], TIMESTAMP);
    }
    if (!has_time) /* the next cursor needs it */
        BSON_APPEND_INT32(out, TIMESTAMP, 1);
}
