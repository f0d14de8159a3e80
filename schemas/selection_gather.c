/* SPDX-License-Identifier: MIT */
#include "common/mem.h"
#include "common/percent.h"
#include "common/utf8.h"
#include "schemas/selection_reading.h"

#include <assert.h>
#include <stdlib.h>

enum { PATH_BYTES_MAX = 200, PATH_DEPTH_MAX = 16 };

static const char METADATA[] = "metadata.";

struct name {
    struct slice base;
    bool negated, bracketed;
};

static struct name split_name(struct slice text)
{
    struct name name = {.base = text};
    const char *bracket;

    if (text.len > 0 && text.data[text.len - 1] == '!') {
        name.negated = true;
        name.base.len--;
    }
    bracket = name.base.len > 0 ? memchr(name.base.data, '[', name.base.len) : NULL;
    if (bracket) {
        name.bracketed = true;
        name.base.len = (size_t)(bracket - name.base.data);
    }
    return name;
}

/* Segments that may be names of members: none empty, none that the store would take for more. */
static bool is_path(struct slice path)
{
    size_t depth = 1;

    if (path.len == 0 || path.len > PATH_BYTES_MAX || memchr(path.data, '\0', path.len) ||
        !utf8_valid(path) || path.data[path.len - 1] == '.')
        return false;
    for (size_t i = 0; i < path.len; i++) {
        bool begins = i == 0 || path.data[i - 1] == '.';

        if (begins && (path.data[i] == '$' || path.data[i] == '.'))
            return false;
        depth += path.data[i] == '.';
    }
    return depth <= PATH_DEPTH_MAX;
}

static bool is_metadata(struct slice name)
{
    size_t len = strlen(METADATA);
    return (name.len >= len && memcmp(name.data, METADATA, len) == 0) ||
           slice_is(name, selection_name(SELECT_METADATA));
}

/* The filter of this path and sense, made when there is none yet. */
static struct selection_filter *filter_of(struct selection *s, enum selection_field field,
                                          struct slice path, bool negated)
{
    for (size_t i = 0; i < s->filter_count; i++)
        if (s->filters[i].negated == negated && slice_eq(s->filters[i].path, path))
            return &s->filters[i];
    s->filters = mem_realloc(s->filters, (s->filter_count + 1) * sizeof *s->filters);
    s->filters[s->filter_count] =
        (struct selection_filter){.field = field, .negated = negated, .path = path};
    return &s->filters[s->filter_count++];
}

static bool note_single(struct reading *r, struct name name, struct slice value)
{
    for (size_t i = 0; i < SINGLES; i++) {
        struct single *single = &r->singles[i];

        if (!slice_is(name.base, single->name))
            continue;
        single->value = value;
        single->times++;
        single->bracketed |= name.bracketed;
        single->negated |= name.negated;
        return true;
    }
    return false;
}

/* One value more than is allowed is kept, to be told. */
static void add_value(struct selection_filter *f, struct slice text)
{
    if (f->count > SELECTION_VALUES_MAX)
        return;
    f->values = mem_realloc(f->values, (f->count + 1) * sizeof *f->values);
    f->values[f->count++] = (struct selection_value){.text = text};
}

static void note(struct reading *r, struct slice text, struct slice value)
{
    struct name name = split_name(text);
    enum selection_field field = SELECT_METADATA;
    struct slice path = name.base;

    if (note_single(r, name, value))
        return;
    if (r->s->filter_count > SELECTION_FILTERS_MAX) { /* which is told, once */
        r->too_many = true;
        return;
    }
    if (selection_field_parse(name.base, &field)) {
        path = slice_of(selection_path(field));
    } else if (!is_metadata(name.base)) {
        return;
    } else if (path.len <= strlen(METADATA) ||
               !is_path(slice_make(path.data + strlen(METADATA), path.len - strlen(METADATA)))) {
        r->bad_path |= name.bracketed || path.len >= strlen(METADATA);
        return;
    }
    struct selection_filter *filter = filter_of(r->s, field, path, name.negated);
    filter->_bracketed |= name.bracketed;
    add_value(filter, value);
}

int selection_compare(struct slice a, struct slice b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_field(const void *left, const void *right)
{
    const struct selection_filter *a = left, *b = right;

    if (a->field != b->field)
        return a->field < b->field ? -1 : 1;
    int order = selection_compare(a->path, b->path);
    return order ? order : (int)a->negated - (int)b->negated;
}

static void sort_filters(struct selection *s)
{
    if (s->filter_count > 0)
        qsort(s->filters, s->filter_count, sizeof *s->filters, by_field);
}

/* A NUL follows each text, so that a number in it ends there. */
static struct slice decode(struct buf *arena, struct slice text)
{
    size_t from = arena->len;

    percent_decode(arena, text, true);
    buf_add_char(arena, '\0');
    return slice_make(arena->data + from, arena->len - from - 1);
}

void selection_gather(struct reading *r, struct slice query)
{
    struct buf *arena = &r->s->_arena;
    struct slice name, value;

    /* Decoding never grows a text: what is decoded stays where it is. */
    buf_reserve(arena, query.len * 3 + 16);
    while (form_next(&query, &name, &value)) {
        struct slice plain_name = decode(arena, name);
        note(r, plain_name, decode(arena, value));
    }
    sort_filters(r->s);
}

void selection_require(struct selection *s, enum selection_field field, struct slice text)
{
    struct selection_filter *f = filter_of(s, field, slice_of(selection_path(field)), false);

    assert(f && f->count == 0);
    add_value(f, text);
    sort_filters(s);
}
