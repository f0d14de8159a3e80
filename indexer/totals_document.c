/* SPDX-License-Identifier: MIT */
#include "indexer/totals_document.h"

#include "common/iso8601.h"
#include "common/mem.h"
#include "indexer/totals_gathered.h"

#include <stdlib.h>

void *totals_grown(void *items, size_t count, size_t *cap, size_t size)
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
        t->totals = totals_grown(t->totals, place, &t->total_cap, sizeof *t->totals);
        t->totals[place] =
            (struct total){.tenant_len = b->tenant.len, .span = span, .start_ms = start_ms};
    }
    return place;
}

static void append_link(struct totals *t, struct total *total, size_t delta)
{
    t->links = totals_grown(t->links, t->link_count, &t->link_cap, sizeof *t->links);
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
    t->deltas = totals_grown(t->deltas, t->delta_count, &t->delta_cap, sizeof *t->deltas);
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

bool totals_may_insert(const struct totals *t, size_t i)
{
    return totals_is_open(t, i) && !t->totals[t->order[i]].is_found;
}

void totals_found(struct totals *t, size_t i)
{
    t->totals[t->order[i]].is_found = true;
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
