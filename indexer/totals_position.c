/* SPDX-License-Identifier: MIT */
#include "indexer/totals_position.h"

#include "common/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct totals_stretch {
    struct totals_place first;
    int64_t last_offset, last_ms;
};

enum { PATH_MAX_LEN = 48 };

static const char *path(char out[PATH_MAX_LEN], int32_t partition, char member)
{
    snprintf(out, PATH_MAX_LEN, "positions.%" PRId32 ".%c", partition, member);
    return out;
}

void totals_stretches_done(struct totals_stretches *s)
{
    free(s->items);
    *s = (struct totals_stretches){0};
}

void totals_stretches_add(struct totals_stretches *s, struct totals_place at)
{
    struct totals_stretch *stretch = s->items, *end = stretch + s->count;

    while (stretch < end && stretch->first.partition != at.partition)
        stretch++;
    if (stretch < end) {
        stretch->last_offset = at.offset;
        stretch->last_ms = at.append_ms > stretch->last_ms ? at.append_ms : stretch->last_ms;
        return;
    }
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 8;
        s->items = mem_realloc(s->items, s->cap * sizeof *s->items);
    }
    s->items[s->count++] = (struct totals_stretch){at, at.offset, at.append_ms};
}

/* $nor: [{positions.3.o: {$gte: …}, positions.3.t: {$gte: …}}, …] */
void totals_stretches_append_filter(const struct totals_stretches *s, bson_t *selector)
{
    bson_t nor, has, at_least;
    char key[PATH_MAX_LEN];

    BSON_APPEND_ARRAY_BEGIN(selector, "$nor", &nor);
    for (size_t i = 0; i < s->count; i++) {
        const struct totals_place *first = &s->items[i].first;

        snprintf(key, sizeof key, "%zu", i);
        BSON_APPEND_DOCUMENT_BEGIN(&nor, key, &has);
        BSON_APPEND_DOCUMENT_BEGIN(&has, path(key, first->partition, 'o'), &at_least);
        BSON_APPEND_INT64(&at_least, "$gte", first->offset);
        bson_append_document_end(&has, &at_least);
        BSON_APPEND_DOCUMENT_BEGIN(&has, path(key, first->partition, 't'), &at_least);
        BSON_APPEND_DATE_TIME(&at_least, "$gte", first->append_ms);
        bson_append_document_end(&has, &at_least);
        bson_append_document_end(&nor, &has);
    }
    bson_append_array_end(selector, &nor);
}

/* $set: {positions.3.o: …}, $max: {positions.3.t: …} */
void totals_stretches_append_update(const struct totals_stretches *s, bson_t *update)
{
    bson_t part;
    char key[PATH_MAX_LEN];

    BSON_APPEND_DOCUMENT_BEGIN(update, "$set", &part);
    for (size_t i = 0; i < s->count; i++)
        BSON_APPEND_INT64(&part, path(key, s->items[i].first.partition, 'o'),
                          s->items[i].last_offset);
    bson_append_document_end(update, &part);
    BSON_APPEND_DOCUMENT_BEGIN(update, "$max", &part);
    for (size_t i = 0; i < s->count; i++)
        BSON_APPEND_DATE_TIME(&part, path(key, s->items[i].first.partition, 't'),
                              s->items[i].last_ms);
    bson_append_document_end(update, &part);
}

void totals_stretches_append_positions(const struct totals_stretches *s, bson_t *positions)
{
    bson_t position;
    char key[PATH_MAX_LEN];

    for (size_t i = 0; i < s->count; i++) {
        snprintf(key, sizeof key, "%" PRId32, s->items[i].first.partition);
        BSON_APPEND_DOCUMENT_BEGIN(positions, key, &position);
        BSON_APPEND_INT64(&position, "o", s->items[i].last_offset);
        BSON_APPEND_DATE_TIME(&position, "t", s->items[i].last_ms);
        bson_append_document_end(positions, &position);
    }
}

bool totals_position_has(const bson_t *total, struct totals_place at)
{
    bson_iter_t it, o, t;
    char key[PATH_MAX_LEN];

    return bson_iter_init(&it, total) &&
           bson_iter_find_descendant(&it, path(key, at.partition, 'o'), &o) &&
           bson_iter_init(&it, total) &&
           bson_iter_find_descendant(&it, path(key, at.partition, 't'), &t) &&
           BSON_ITER_HOLDS_DATE_TIME(&t) && bson_iter_as_int64(&o) >= at.offset &&
           bson_iter_date_time(&t) >= at.append_ms;
}
