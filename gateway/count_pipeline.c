/* SPDX-License-Identifier: MIT */
#include "gateway/count_pipeline.h"

#include "gateway/stats_params.h"
#include "schemas/selection_bson.h"

#include <stdlib.h>

static bool is_cell(enum selection_field f)
{
    return f == SELECT_SEVERITY || f == SELECT_OUTCOME;
}

bool count_from_buckets(const struct count_question *q)
{
    return stats_counts(q->s) &&
           (is_cell(q->by) || q->by == SELECT_SERVICE || q->by == SELECT_ACTION);
}

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

/* False when the time is outside of the range, where nothing should be. */
static bool slot_of(const struct count_question *q, int64_t ms, size_t *ret)
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

enum window count_window(const struct count_question *q, const struct stats_piece *piece)
{
    static const enum window windows[] = {[FROM_LOGS] = WINDOW_MINUTE,
                                          [FROM_DAYS] = WINDOW_DAY,
                                          [FROM_HOURS] = WINDOW_HOUR,
                                          [FROM_MINUTES] = WINDOW_MINUTE};
    enum window window = windows[piece->source];

    return q->has_interval && q->interval < window ? q->interval : window;
}

static void append_range(bson_t *out, const char *name, int64_t from_ms, int64_t to_ms)
{
    bson_t range;

    BSON_APPEND_DOCUMENT_BEGIN(out, name, &range);
    BSON_APPEND_DATE_TIME(&range, "$gte", from_ms);
    BSON_APPEND_DATE_TIME(&range, "$lt", to_ms);
    bson_append_document_end(out, &range);
}

/* The filters by service and action: those by severity and outcome choose cells, in count_row. */
static void append_names(bson_t *out, const struct selection *s)
{
    struct selection_filter names[SELECTION_FILTERS_MAX + 1];
    struct selection view = {.filters = names};

    for (size_t i = 0; i < s->filter_count; i++)
        if (!is_cell(s->filters[i].field))
            names[view.filter_count++] = s->filters[i];
    selection_bson_filters(out, &view);
}

static void append_sum(bson_t *group, const char *name, const char *field)
{
    bson_t sum;

    BSON_APPEND_DOCUMENT_BEGIN(group, name, &sum);
    if (field)
        BSON_APPEND_UTF8(&sum, "$sum", field);
    else
        BSON_APPEND_INT64(&sum, "$sum", 1);
    bson_append_document_end(group, &sum);
}

static void append_tenant(bson_t *out, struct slice tenant)
{
    bson_append_utf8(out, "tenant", -1, tenant.data, (int)tenant.len);
}

static void append_field(bson_t *id, enum selection_field f)
{
    char path[64];

    snprintf(path, sizeof path, "$%s", selection_path(f));
    BSON_APPEND_UTF8(id, "v", path);
}

/* {_id: {t: "$start", v: "$service"}, info_none: {$sum: …}, …} */
static void append_bucket_group(bson_t *out, const struct count_question *q)
{
    bson_t group, id;

    BSON_APPEND_DOCUMENT_BEGIN(out, "$group", &group);
    BSON_APPEND_DOCUMENT_BEGIN(&group, "_id", &id);
    if (q->has_interval)
        BSON_APPEND_UTF8(&id, "t", "$start");
    if (!is_cell(q->by))
        append_field(&id, q->by);
    bson_append_document_end(&group, &id);
    for (size_t cell = 0; cell < CELL_COUNT; cell++) {
        char field[64];
        snprintf(field, sizeof field, "$cells.%s", cell_name(cell));
        append_sum(&group, cell_name(cell), field);
    }
    bson_append_document_end(out, &group);
}

void count_pipeline(bson_t *out, const struct count_question *q, const struct stats_piece *piece)
{
    bson_t stage, match;

    if (piece->source == FROM_LOGS) {
        struct count_question part = *q;
        part.from_ms = piece->from_ms;
        part.to_ms = piece->to_ms;
        count_logs_pipeline(out, &part, 0);
        return;
    }
    BSON_APPEND_DOCUMENT_BEGIN(out, "0", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &match);
    append_tenant(&match, q->tenant);
    BSON_APPEND_UTF8(&match, "window", window_name(WINDOW_MINUTE));
    append_range(&match, "start", piece->from_ms, piece->to_ms);
    append_names(&match, q->s);
    bson_append_document_end(&stage, &match);
    bson_append_document_end(out, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(out, "1", &stage);
    append_bucket_group(&stage, q);
    bson_append_document_end(out, &stage);
}

static bool fits(const struct selection *s, enum selection_field field, const char *name)
{
    bool none = field == SELECT_OUTCOME && strcmp(name, outcome_name(OUTCOME_NONE)) == 0;

    for (size_t i = 0; i < s->filter_count; i++)
        if (s->filters[i].field == field &&
            !selection_filter_fits(&s->filters[i], none ? (struct slice){NULL, 0} : slice_of(name)))
            return false;
    return true;
}

static uint64_t find_count(const bson_t *doc, const char *name)
{
    bson_iter_t at;
    int64_t n = bson_iter_init_find(&at, doc, name) ? bson_iter_as_int64(&at) : 0;
    return n > 0 ? (uint64_t)n : 0;
}

/* The value that a row is of; data == NULL when it is no text. */
static struct slice find_value(const bson_t *row)
{
    bson_iter_t at, found;
    uint32_t len = 0;

    if (!bson_iter_init(&at, row) || !bson_iter_find_descendant(&at, "_id.v", &found) ||
        !BSON_ITER_HOLDS_UTF8(&found))
        return (struct slice){NULL, 0};
    const char *text = bson_iter_utf8(&found, &len);
    return slice_make(text, len);
}

static bool find_slot(const struct count_question *q, const bson_t *row, size_t *ret)
{
    bson_iter_t at, found;
    bool has_time = bson_iter_init(&at, row) && bson_iter_find_descendant(&at, "_id.t", &found) &&
                    BSON_ITER_HOLDS_DATE_TIME(&found);

    return slot_of(q, has_time ? bson_iter_date_time(&found) : INT64_MIN, ret);
}

/* `value`: of all cells, where they are not what is counted by. */
static void add_cells(const struct count_question *q, struct slice value, size_t slot,
                      const struct cells *cells, struct value_counts *into)
{
    for (size_t cell = 0; cell < CELL_COUNT; cell++) {
        const char *severity = severity_name((enum severity)(cell / OUTCOME_COUNT));
        const char *outcome = outcome_name((enum outcome)(cell % OUTCOME_COUNT));

        if (!fits(q->s, SELECT_SEVERITY, severity) || !fits(q->s, SELECT_OUTCOME, outcome))
            continue;
        if (is_cell(q->by))
            value = slice_of(q->by == SELECT_SEVERITY ? severity : outcome);
        value_counts_add(into, value, slot, cells->n[cell]);
    }
}

void count_row(const struct count_question *q, const struct stats_piece *piece, const bson_t *row,
               struct value_counts *into)
{
    struct slice value = find_value(row);
    struct cells cells;
    size_t slot;

    if (piece->source == FROM_LOGS) {
        count_logs_row(q, row, into);
        return;
    }
    if (!find_slot(q, row, &slot) || (!is_cell(q->by) && !value.data))
        return;
    for (size_t cell = 0; cell < CELL_COUNT; cell++)
        cells.n[cell] = find_count(row, cell_name(cell));
    add_cells(q, value, slot, &cells, into);
}

void count_total(const struct count_question *q, const struct totals_row *row,
                 struct value_counts *into)
{
    size_t slot;

    for (size_t i = 0; i < q->s->filter_count; i++) {
        const struct selection_filter *filter = &q->s->filters[i];

        if (!is_cell(filter->field) &&
            !selection_filter_fits(filter,
                                   filter->field == SELECT_SERVICE ? row->service : row->action))
            return;
    }
    if (slot_of(q, row->start_ms, &slot))
        add_cells(q, q->by == SELECT_SERVICE ? row->service : row->action, slot, &row->cells, into);
}

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
    append_field(&id, q->by);
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
    append_tenant(&inner, q->tenant);
    append_range(&inner, "timestamp", q->from_ms, q->to_ms);
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
    append_sum(&inner, "n", NULL);
    bson_append_document_end(&stage, &inner);
    bson_append_document_end(out, &stage);
    if (most > 0)
        append_most(out, &count, most);
}

void count_logs_row(const struct count_question *q, const bson_t *row, struct value_counts *into)
{
    struct slice value = find_value(row);
    size_t slot;

    if (!value.data && q->by == SELECT_OUTCOME)
        value = slice_of(outcome_name(OUTCOME_NONE));
    if (value.data && find_slot(q, row, &slot))
        value_counts_add(into, value, slot, find_count(row, "n"));
}
