/* SPDX-License-Identifier: MIT */
#include "gateway/log_filter.h"

#include "schemas/selection_bson.h"

size_t log_filter_spans(const struct log_query *q, const struct log_position *after,
                        struct log_span spans[LOG_SPANS_MAX])
{
    struct log_span all = {.from_ms = q->s.has_start ? q->s.start_ms : INT64_MIN,
                           .to_ms = q->s.has_end ? q->s.end_ms : INT64_MAX};
    size_t count = 0;

    if (after && after->timestamp_ms >= all.from_ms && after->timestamp_ms <= all.to_ms)
        spans[count++] = (struct log_span){after->timestamp_ms, after->timestamp_ms, after->id};
    if (after && after->timestamp_ms <= all.to_ms)
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
    BSON_APPEND_DOCUMENT_BEGIN(out, "timestamp", &range);
    if (span->from_ms != INT64_MIN)
        BSON_APPEND_DATE_TIME(&range, "$gte", span->from_ms);
    if (span->to_ms != INT64_MAX)
        BSON_APPEND_DATE_TIME(&range, "$lte", span->to_ms);
    bson_append_document_end(out, &range);
}

void log_filter_match(bson_t *out, const struct log_query *q, struct slice tenant,
                      const struct log_span *span)
{
    bson_t before;

    append_text(out, "tenant", tenant);
    selection_bson_filters(out, &q->s);
    append_times(out, span);
    if (!span->before_id.data)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(out, "_id", &before);
    append_text(&before, "$lt", span->before_id);
    bson_append_document_end(out, &before);
}

void log_filter_hint(bson_t *out, const struct log_query *q)
{
    static const enum selection_field narrowest_first[] = {SELECT_USER_ID, SELECT_ACTION,
                                                           SELECT_SERVICE, SELECT_SEVERITY};

    BSON_APPEND_INT32(out, "tenant", 1);
    for (size_t i = 0; i < sizeof narrowest_first / sizeof narrowest_first[0]; i++) {
        if (!selection_only(&q->s, narrowest_first[i]).data)
            continue;
        BSON_APPEND_INT32(out, selection_path(narrowest_first[i]), 1);
        break;
    }
    log_filter_sort(out);
}

void log_filter_sort(bson_t *out)
{
    BSON_APPEND_INT32(out, "timestamp", -1);
    BSON_APPEND_INT32(out, "_id", -1);
}
