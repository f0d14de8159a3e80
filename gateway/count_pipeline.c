/* SPDX-License-Identifier: MIT */
#include "gateway/count_pipeline.h"

#include "gateway/count_logs.h"
#include "gateway/stats_params.h"
#include "schemas/selection_bson.h"

static bool is_cell(enum selection_field f)
{
    return f == SELECT_SEVERITY || f == SELECT_OUTCOME;
}

bool count_from_buckets(const struct count_question *q)
{
    return stats_counts(q->s) &&
           (is_cell(q->by) || q->by == SELECT_SERVICE || q->by == SELECT_ACTION);
}

enum stats_source count_coarsest(const struct count_question *q)
{
    static const enum stats_source sources[] = {
        [WINDOW_MINUTE] = FROM_MINUTES, [WINDOW_HOUR] = FROM_HOURS, [WINDOW_DAY] = FROM_DAYS};

    return q->has_interval ? sources[q->interval] : FROM_WEEKS;
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
        count_append_field(&id, q->by);
    bson_append_document_end(&group, &id);
    count_append_cells(&group);
    bson_append_document_end(out, &group);
}

void count_pipeline(bson_t *out, const struct count_question *q, const struct stats_piece *piece)
{
    struct selection names = count_names(q->s);
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
    count_append_tenant(&match, q->tenant);
    BSON_APPEND_UTF8(&match, "window", window_name(WINDOW_MINUTE));
    count_append_range(&match, "start", piece->from_ms, piece->to_ms);
    selection_bson_filters(&match, &names);
    bson_append_document_end(&stage, &match);
    bson_append_document_end(out, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(out, "1", &stage);
    append_bucket_group(&stage, q);
    bson_append_document_end(out, &stage);
}

/* `value`: of all cells, where they are not what is counted by. */
static void add_cells(const struct count_question *q, struct slice value, size_t slot,
                      const struct cells *cells, struct value_counts *into)
{
    for (size_t cell = 0; cell < CELL_COUNT; cell++) {
        if (!count_cell_fits(q->s, cell))
            continue;
        if (q->by == SELECT_SEVERITY)
            value = slice_of(severity_name((enum severity)(cell / OUTCOME_COUNT)));
        else if (q->by == SELECT_OUTCOME)
            value = slice_of(outcome_name((enum outcome)(cell % OUTCOME_COUNT)));
        value_counts_add(into, value, slot, cells->n[cell]);
    }
}

void count_row(const struct count_question *q, const struct stats_piece *piece, const bson_t *row,
               struct value_counts *into)
{
    struct slice value = count_value_of_row(row);
    struct cells cells;
    size_t slot;

    if (piece->source == FROM_LOGS) {
        count_logs_row(q, row, into);
        return;
    }
    if (!count_slot_of_row(q, row, &slot) || (!is_cell(q->by) && !value.data))
        return;
    count_cells_of_row(row, &cells);
    add_cells(q, value, slot, &cells, into);
}

void count_total(const struct count_question *q, const struct totals_row *row,
                 struct value_counts *into)
{
    size_t slot;

    if (!count_names_fit(q->s, row->service, row->action))
        return;
    if (count_slot_at(q, row->start_ms, &slot))
        add_cells(q, q->by == SELECT_SERVICE ? row->service : row->action, slot, &row->cells, into);
}
