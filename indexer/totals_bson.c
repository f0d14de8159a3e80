/* SPDX-License-Identifier: MIT */
#include "indexer/stats_document.h"
#include "indexer/totals_document.h"
#include "indexer/totals_gathered.h"

#include <stdlib.h>

static int by_row(const void *left, const void *right, void *arg)
{
    const struct totals *t = arg;
    size_t a = t->deltas[*(const uint32_t *)left].row, b = t->deltas[*(const uint32_t *)right].row;

    return (a > b) - (a < b);
}

static void choose(struct totals *t, const struct total *total)
{
    t->chosen_count = t->stretches.count = 0;
    for (uint32_t at = total->first; at; at = t->links[at - 1].next) {
        uint32_t delta = t->links[at - 1].delta;

        t->chosen = totals_grown(t->chosen, t->chosen_count, &t->chosen_cap, sizeof *t->chosen);
        t->chosen[t->chosen_count++] = delta;
        totals_stretches_add(&t->stretches, t->deltas[delta].at);
    }
    qsort_r(t->chosen, t->chosen_count, sizeof *t->chosen, by_row, t);
}

/* Counts are of 32 bits as long as they fit, which the store sees to: a third less to read. */
static void append_count(bson_t *out, struct slice key, uint64_t n)
{
    if (n <= INT32_MAX)
        bson_append_int32(out, key.data, (int)key.len, (int32_t)n);
    else
        bson_append_int64(out, key.data, (int)key.len, (int64_t)n);
}

/* {"auth|login": {in: 3}} */
static void append_row(struct totals *t, size_t row, const struct cells *sum, bson_t *rows)
{
    struct slice name = text_table_text(&t->rows, row);
    bson_t cells;

    bson_append_document_begin(rows, name.data, (int)name.len, &cells);
    for (size_t cell = 0; cell < CELL_COUNT; cell++)
        if (sum->n[cell] > 0)
            append_count(&cells, slice_of(total_cell_name(cell)), sum->n[cell]);
    bson_append_document_end(rows, &cells);
}

/* {"rows.auth|login.in": 3} */
static void append_increments(struct totals *t, size_t row, const struct cells *sum, bson_t *inc)
{
    struct slice name = text_table_text(&t->rows, row);

    for (size_t cell = 0; cell < CELL_COUNT; cell++) {
        if (sum->n[cell] == 0)
            continue;
        buf_clear(&t->text);
        buf_printf(&t->text, "rows.%.*s.%s", SLICE_ARG(name), total_cell_name(cell));
        append_count(inc, buf_slice(&t->text), sum->n[cell]);
    }
}

typedef void append_fn(struct totals *t, size_t row, const struct cells *sum, bson_t *out);

/* Each row that was chosen, with what is added to it in all. */
static void append_rows(struct totals *t, append_fn *append, bson_t *out)
{
    for (size_t i = 0; i < t->chosen_count;) {
        size_t row = t->deltas[t->chosen[i]].row;
        struct cells sum = {0};

        for (; i < t->chosen_count && t->deltas[t->chosen[i]].row == row; i++)
            cells_add(&sum, &t->deltas[t->chosen[i]].cells);
        append(t, row, &sum, out);
    }
}

static void append_fixed(const struct total *total, struct slice id, bson_t *doc)
{
    bson_append_utf8(doc, "tenant", -1, id.data, (int)total->tenant_len);
    BSON_APPEND_UTF8(doc, "window", total_span_name(total->span));
    BSON_APPEND_DATE_TIME(doc, "start", total->start_ms);
    if (total->span == TOTAL_HOUR)
        stats_append_expiry(doc, WINDOW_HOUR, total->start_ms);
}

void totals_update(struct totals *t, size_t i, bson_t *selector, bson_t *update)
{
    const struct total *total = &t->totals[t->order[i]];
    struct slice id = totals_id(t, i);
    bson_t part;

    choose(t, total);
    bson_append_utf8(selector, "_id", -1, id.data, (int)id.len);
    totals_stretches_append_filter(&t->stretches, selector);
    BSON_APPEND_DOCUMENT_BEGIN(update, "$inc", &part);
    append_rows(t, append_increments, &part);
    bson_append_document_end(update, &part);
    totals_stretches_append_update(&t->stretches, update);
    BSON_APPEND_DOCUMENT_BEGIN(update, "$setOnInsert", &part);
    append_fixed(total, id, &part);
    bson_append_document_end(update, &part);
}

void totals_document(struct totals *t, size_t i, bson_t *doc)
{
    const struct total *total = &t->totals[t->order[i]];
    struct slice id = totals_id(t, i);
    bson_t part;

    choose(t, total);
    bson_append_utf8(doc, "_id", -1, id.data, (int)id.len);
    append_fixed(total, id, doc);
    BSON_APPEND_DOCUMENT_BEGIN(doc, "rows", &part);
    append_rows(t, append_row, &part);
    bson_append_document_end(doc, &part);
    BSON_APPEND_DOCUMENT_BEGIN(doc, "positions", &part);
    totals_stretches_append_positions(&t->stretches, &part);
    bson_append_document_end(doc, &part);
}
