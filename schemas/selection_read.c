/* SPDX-License-Identifier: MIT */
/* A query string to a selection: first gather what is said of each field, then check it. */
#include "common/iso8601.h"
#include "common/mem.h"
#include "common/percent.h"
#include "common/utf8.h"
#include "schemas/json.h"
#include "schemas/record.h"
#include "schemas/selection.h"

#include <assert.h>
#include <stdlib.h>

enum { PATH_BYTES_MAX = 200, PATH_DEPTH_MAX = 16, WORDS_CHARS_MAX = 200 };

static const char METADATA[] = "metadata.";

/* A parameter that is no filter: given once, as a plain value. */
struct single {
    const char *name;
    struct slice value;
    unsigned times;
    bool bracketed, negated;
};

enum { START, END, WORDS, SINGLES };

struct reading {
    struct selection *s;
    struct faults *faults;
    struct single singles[SINGLES];
    bool bad_path, too_many;
};

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

/* A NUL follows each text, so that a number in it ends there. */
static struct slice decode(struct buf *arena, struct slice text)
{
    size_t from = arena->len;

    percent_decode(arena, text, true);
    buf_add_char(arena, '\0');
    return slice_make(arena->data + from, arena->len - from - 1);
}

static void gather(struct reading *r, struct slice query)
{
    struct buf *arena = &r->s->_arena;
    struct slice name, value;

    /* Decoding never grows a text: what is decoded stays where it is. */
    buf_reserve(arena, query.len * 3 + 16);
    while (form_next(&query, &name, &value)) {
        struct slice plain_name = decode(arena, name);
        note(r, plain_name, decode(arena, value));
    }
}

static int compare(struct slice a, struct slice b)
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
    int order = compare(a->path, b->path);
    return order ? order : (int)a->negated - (int)b->negated;
}

static int by_value(const void *left, const void *right)
{
    const struct selection_value *a = left, *b = right;
    int order = compare(a->text, b->text);
    return order ? order : (int)a->prefix - (int)b->prefix;
}

static void fault_of(struct reading *r, struct slice name, const char *must)
{
    faults_add(r->faults, name, "\"%.*s\" %s", SLICE_ARG(name), must);
}

static struct slice name_of(const struct selection_filter *f)
{
    return f->field == SELECT_METADATA ? f->path : slice_of(selection_name(f->field));
}

/* The choice of words that a field has, NULL when it takes any text. */
static const char *choice_of(enum selection_field field, struct slice text, bool *ret_is_one)
{
    enum severity severity;
    enum outcome outcome;

    if (field == SELECT_SEVERITY) {
        *ret_is_one = severity_parse(text, &severity);
        return "must be one of [info, warn, error, critical]";
    }
    if (field == SELECT_OUTCOME) {
        *ret_is_one = outcome_parse(text, &outcome) || slice_is(text, outcome_name(OUTCOME_NONE));
        return "must be one of [success, failure, none]";
    }
    *ret_is_one = true;
    return NULL;
}

static bool has_star(struct slice text)
{
    return text.len > 0 && text.data[text.len - 1] == '*';
}

/* `user.*` and `user.\*` */
static void read_star(struct selection_value *v)
{
    if (!has_star(v->text))
        return;
    v->text.len--;
    if (v->text.len > 0 && v->text.data[v->text.len - 1] == '\\') {
        char *text = (char *)(uintptr_t)v->text.data; /* into our own arena */
        text[v->text.len - 1] = '*';
    } else {
        v->prefix = true;
    }
}

static bool check_value(struct reading *r, const struct selection_filter *f,
                        struct selection_value *v)
{
    bool is_one, any = v->text.len == 1 && has_star(v->text);
    bool plain = !f->_bracketed && utf8_valid(v->text);
    const char *choice = choice_of(f->field, v->text, &is_one);
    size_t before = r->faults->count;

    if (choice && (!plain || (!is_one && !any)))
        fault_of(r, name_of(f), choice);
    if (!plain)
        fault_of(r, name_of(f), "must be a string");
    else if (v->text.len == 0)
        fault_of(r, name_of(f), "is not allowed to be empty");
    else
        read_star(v);
    return r->faults->count == before;
}

static void check_filter(struct reading *r, struct selection_filter *f)
{
    size_t kept = 0;

    if (f->count > SELECTION_VALUES_MAX) {
        faults_add(r->faults, name_of(f), "\"%.*s\" must contain less than or equal to %d items",
                   SLICE_ARG(name_of(f)), SELECTION_VALUES_MAX);
        return;
    }
    for (size_t i = 0; i < f->count; i++)
        if (!check_value(r, f, &f->values[i]))
            return;
    qsort(f->values, f->count, sizeof *f->values, by_value);
    for (size_t i = 0; i < f->count; i++)
        if (kept == 0 || by_value(&f->values[kept - 1], &f->values[i]) != 0)
            f->values[kept++] = f->values[i];
    f->count = kept;
}

static bool is_plain(const struct single *single)
{
    return single->times == 1 && !single->bracketed;
}

static bool read_date(struct reading *r, const struct single *single, int64_t *ret_ms)
{
    struct slice name = slice_of(single->name);

    if (single->times == 0)
        return false;
    if (single->negated)
        fault_of(r, name, "is not allowed to be negated");
    else if (!is_plain(single))
        fault_of(r, name, "must be a valid date");
    else if (!iso8601_parse(single->value, ret_ms))
        fault_of(r, name, "must be in ISO 8601 date format");
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void split_words(struct reading *r, struct slice text)
{
    struct selection *s = r->s;

    for (size_t at = 0; at < text.len;) {
        size_t from = at;

        while (at < text.len && !is_space(text.data[at]))
            at++;
        if (at > from && s->word_count == SELECTION_WORDS_MAX) {
            faults_add(r->faults, slice_of("q"),
                       "\"q\" must contain less than or equal to %d items", SELECTION_WORDS_MAX);
            return;
        }
        if (at > from) {
            s->words[s->word_count++] = slice_make(text.data + from, at - from);
        }
        at++;
    }
    if (s->word_count == 0)
        fault_of(r, slice_of("q"), "is not allowed to be empty");
}

static void read_words(struct reading *r, const struct single *single)
{
    struct slice name = slice_of(single->name);

    if (single->times == 0)
        return;
    if (single->negated)
        fault_of(r, name, "is not allowed to be negated");
    else if (!is_plain(single) || !utf8_valid(single->value))
        fault_of(r, name, "must be a string");
    else if (json_code_points(single->value) > WORDS_CHARS_MAX)
        faults_add(r->faults, name, "\"q\" length must be less than or equal to %d characters long",
                   WORDS_CHARS_MAX);
    else {
        utf8_fold((char *)(uintptr_t)single->value.data, single->value.len); /* our own arena */
        split_words(r, single->value);
    }
}

void selection_require(struct selection *s, enum selection_field field, struct slice text)
{
    struct selection_filter *f = filter_of(s, field, slice_of(selection_path(field)), false);

    assert(f && f->count == 0);
    add_value(f, text);
    qsort(s->filters, s->filter_count, sizeof *s->filters, by_field);
}

enum result selection_read(struct selection *s, struct slice query_string, struct faults *faults)
{
    struct reading r = {
        .s = s,
        .faults = faults,
        .singles =
            {[START] = {.name = "startDate"}, [END] = {.name = "endDate"}, [WORDS] = {.name = "q"}},
    };
    size_t before = faults->count;

    gather(&r, query_string);
    if (s->filter_count > 0)
        qsort(s->filters, s->filter_count, sizeof *s->filters, by_field);
    for (size_t i = 0; i < s->filter_count; i++)
        check_filter(&r, &s->filters[i]);
    if (r.bad_path)
        fault_of(&r, slice_of("metadata"), "fails to match the required pattern");
    if (r.too_many)
        faults_add(faults, slice_of("metadata"),
                   "\"metadata\" must contain less than or equal to %d items",
                   SELECTION_FILTERS_MAX);
    read_words(&r, &r.singles[WORDS]);
    s->has_start = read_date(&r, &r.singles[START], &s->start_ms);
    s->has_end = read_date(&r, &r.singles[END], &s->end_ms);
    return faults->count == before ? OK : REJECT;
}
