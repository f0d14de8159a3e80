/* SPDX-License-Identifier: MIT */
#include "indexer/totals_document.h"

#include "common/iso8601.h"
#include "common/mem.h"
#include "common/text_table.h"
#include "indexer/stats_document.h"
#include "schemas/total.h"

#include <stdlib.h>

/* One record's. It belongs to a total of each span. */
struct delta {
    struct totals_place at;
    size_t row; /* the place of its name */
    struct cells cells;
};

/* A delta in the list of a total. */
struct link {
    uint32_t delta, next; /* a place + 1; 0: the end */
};

struct total {
    size_t tenant_len; /* its id begins with it */
    enum total_span span;
    int64_t start_ms;
    uint32_t first, last; /* of its links, in the order of their records; 0: none */
    bool is_found;        /* the store has it */
};

struct totals {
    struct text_table ids, rows;
    struct total *totals; /* in the places of their ids */
    struct delta *deltas;
    struct link *links;
    size_t total_cap, delta_count, delta_cap, link_count, link_cap;
    size_t *order; /* places of totals, by span and id */
    size_t order_cap;
    uint32_t *chosen; /* places of the deltas of the update at hand, by row */
    size_t chosen_count, chosen_cap;
    struct totals_stretches stretches; /* of that update */
    struct buf text;
};

/* Room for one more. */
static void *grown(void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 64;
    return mem_realloc(items, *cap * size);
}

struct totals *totals_new(void)
{
    struct totals *t = mem_zalloc(sizeof *t);

    text_table_init(&t->ids);
    text_table_init(&t->rows);
    return t;
}

void totals_free(struct totals *t)
{
    if (!t)
        return;
    text_table_done(&t->ids);
    text_table_done(&t->rows);
    free(t->totals);
    free(t->deltas);
    free(t->links);
    free(t->order);
    free(t->chosen);
    totals_stretches_done(&t->stretches);
    buf_done(&t->text);
    free(t);
}

void totals_clear(struct totals *t)
{
    text_table_clear(&t->ids);
    text_table_clear(&t->rows);
    t->delta_count = t->link_count = 0;
}

/* tenant|window|start|chunk */
static size_t total_of(struct totals *t, const struct stats_bucket *b, enum total_span span)
{
    int64_t start_ms = total_span_start(span, b->windows[WINDOW_MINUTE].start_ms);
    char start[ISO8601_LEN];
    bool is_new;

    iso8601_format(start_ms, start);
    buf_clear(&t->text);
    buf_printf(&t->text, "%.*s|%s|%.*s|%u", SLICE_ARG(b->tenant), total_span_name(span),
               ISO8601_LEN, start, total_chunk(b->service, b->action));
    size_t place = text_table_place(&t->ids, buf_slice(&t->text), &is_new);
    if (is_new) {
        t->totals = grown(t->totals, place, &t->total_cap, sizeof *t->totals);
        t->totals[place] =
            (struct total){.tenant_len = b->tenant.len, .span = span, .start_ms = start_ms};
    }
    return place;
}

static void append_link(struct totals *t, struct total *total, size_t delta)
{
    t->links = grown(t->links, t->link_count, &t->link_cap, sizeof *t->links);
    t->links[t->link_count++] = (struct link){(uint32_t)delta, 0};
    *(total->last ? &t->links[total->last - 1].next : &total->first) = (uint32_t)t->link_count;
    total->last = (uint32_t)t->link_count;
}

size_t totals_add(struct totals *t, struct totals_place at, const struct stats_bucket *b)
{
    size_t kept = t->ids.bytes + t->rows.bytes;
    bool is_new;

    if (cells_total(&b->delta) == 0)
        return 0;
    buf_clear(&t->text);
    total_row_name(&t->text, b->service, b->action);
    t->deltas = grown(t->deltas, t->delta_count, &t->delta_cap, sizeof *t->deltas);
    t->deltas[t->delta_count++] =
        (struct delta){at, text_table_place(&t->rows, buf_slice(&t->text), &is_new), b->delta};
    for (int span = 0; span < TOTAL_SPAN_COUNT; span++) {
        size_t place = total_of(t, b, (enum total_span)span);
        append_link(t, &t->totals[place], t->delta_count - 1);
    }
    return t->ids.bytes + t->rows.bytes - kept;
}

static int compare(struct slice a, struct slice b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_span_and_id(const void *left, const void *right, void *arg)
{
    const struct totals *t = arg;
    size_t l = *(const size_t *)left, r = *(const size_t *)right;
    int order = (int)t->totals[l].span - (int)t->totals[r].span;

    return order ? order : compare(text_table_text(&t->ids, l), text_table_text(&t->ids, r));
}

size_t totals_settle(struct totals *t)
{
    size_t count = t->ids.count;

    if (t->order_cap < count) {
        t->order_cap = count;
        t->order = mem_realloc(t->order, count * sizeof *t->order);
    }
    for (size_t i = 0; i < count; i++)
        t->order[i] = i;
    if (count > 0)
        qsort_r(t->order, count, sizeof *t->order, by_span_and_id, t);
    return count;
}

size_t totals_span_end(const struct totals *t, size_t from)
{
    size_t to = from;

    while (to < t->ids.count && t->totals[t->order[to]].span == t->totals[t->order[from]].span)
        to++;
    return to;
}

struct slice totals_id(const struct totals *t, size_t i)
{
    return text_table_text(&t->ids, t->order[i]);
}

bool totals_find(const struct totals *t, size_t from, size_t to, struct slice id, size_t *ret)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(id, totals_id(t, middle));

        if (order == 0) {
            *ret = middle;
            return true;
        }
        if (order > 0)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

bool totals_is_open(const struct totals *t, size_t i)
{
    return t->totals[t->order[i]].first != 0;
}

void totals_close(struct totals *t, size_t i)
{
    struct total *total = &t->totals[t->order[i]];

    total->first = total->last = 0;
}

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

        t->chosen = grown(t->chosen, t->chosen_count, &t->chosen_cap, sizeof *t->chosen);
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

bool totals_may_insert(const struct totals *t, size_t i)
{
    return totals_is_open(t, i) && !t->totals[t->order[i]].is_found;
}

void totals_found(struct totals *t, size_t i)
{
    t->totals[t->order[i]].is_found = true;
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

bool totals_skip_stored(struct totals *t, size_t i, const bson_t *stored)
{
    struct total *total = &t->totals[t->order[i]];
    uint32_t at = total->first;
    bool skipped = false;

    totals_close(t, i);
    while (at) {
        struct link *link = &t->links[at - 1];
        uint32_t next = link->next;

        if (totals_position_has(stored, t->deltas[link->delta].at)) {
            skipped = true;
        } else {
            link->next = 0;
            *(total->last ? &t->links[total->last - 1].next : &total->first) = at;
            total->last = at;
        }
        at = next;
    }
    return skipped;
}
