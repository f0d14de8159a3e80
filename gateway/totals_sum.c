/* SPDX-License-Identifier: MIT */
#include "gateway/totals_sum.h"

#include "common/mem.h"
#include "common/text_table.h"
#include "schemas/total.h"

#include <stdlib.h>
#include <string.h>

struct totals_sum {
    struct text_table keys; /* the start, in its bytes, and the row's name */
    struct cells *cells;    /* in the places of their keys */
    size_t cap;
    struct buf key, names;
    bool by_start;
    totals_row_fn *fn;
    void *ctx;
};

struct totals_sum *totals_sum_new(bool by_start, totals_row_fn *fn, void *ctx)
{
    struct totals_sum *s = mem_zalloc(sizeof *s);

    text_table_init(&s->keys);
    s->by_start = by_start;
    s->fn = fn;
    s->ctx = ctx;
    return s;
}

void totals_sum_free(struct totals_sum *s)
{
    if (!s)
        return;
    text_table_done(&s->keys);
    free(s->cells);
    buf_done(&s->key);
    buf_done(&s->names);
    free(s);
}

static bool hand_out(struct totals_sum *s, size_t place)
{
    struct slice key = text_table_text(&s->keys, place);
    struct totals_row row = {.cells = s->cells[place]};
    size_t start_len = s->by_start ? sizeof row.start_ms : 0;

    memcpy(&row.start_ms, key.data, start_len);
    struct slice name = slice_make(key.data + start_len, key.len - start_len);
    return !total_row_parse(name, &s->names, &row.service, &row.action) || s->fn(s->ctx, &row);
}

bool totals_sum_finish(struct totals_sum *s)
{
    for (size_t i = 0; i < s->keys.count; i++)
        if (!hand_out(s, i))
            return false;
    text_table_clear(&s->keys);
    return true;
}

static struct cells *cells_of(struct totals_sum *s, struct slice key)
{
    bool is_new;
    size_t place = text_table_place(&s->keys, key, &is_new);

    if (place == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 256;
        s->cells = mem_realloc(s->cells, s->cap * sizeof *s->cells);
    }
    if (is_new)
        s->cells[place] = (struct cells){0};
    return &s->cells[place];
}

static void add_row(struct totals_sum *s, const bson_iter_t *row, int64_t start_ms)
{
    bson_iter_t it;
    size_t cell;

    buf_clear(&s->key);
    if (s->by_start)
        buf_add(&s->key, &start_ms, sizeof start_ms);
    buf_add(&s->key, bson_iter_key(row), bson_iter_key_len(row));
    struct cells *sum = cells_of(s, buf_slice(&s->key));
    if (!BSON_ITER_HOLDS_DOCUMENT(row) || !bson_iter_recurse(row, &it))
        return;
    while (bson_iter_next(&it)) {
        int64_t n = bson_iter_as_int64(&it);

        if (n > 0 &&
            total_cell_parse(slice_make(bson_iter_key(&it), bson_iter_key_len(&it)), &cell))
            sum->n[cell] += (uint64_t)n;
    }
}

bool totals_sum_add(struct totals_sum *s, const bson_t *total)
{
    bson_iter_t start, rows, row;

    if (!bson_iter_init_find(&start, total, "start") || !BSON_ITER_HOLDS_DATE_TIME(&start) ||
        !bson_iter_init_find(&rows, total, "rows") || !BSON_ITER_HOLDS_DOCUMENT(&rows) ||
        !bson_iter_recurse(&rows, &row))
        return true; /* of nothing that the service wrote */
    while (bson_iter_next(&row)) {
        add_row(s, &row, bson_iter_date_time(&start));
        if (s->keys.count >= TOTALS_SUM_ROWS && !totals_sum_finish(s))
            return false;
    }
    return true;
}
