/* SPDX-License-Identifier: MIT */
/* A query string to a selection: first gather what is said of each field, then check it. */
#include "common/iso8601.h"
#include "common/utf8.h"
#include "schemas/json.h"
#include "schemas/record.h"
#include "schemas/selection_reading.h"

#include <stdlib.h>

enum { WORDS_CHARS_MAX = 200 };

static int by_value(const void *left, const void *right)
{
    const struct selection_value *a = left, *b = right;
    int order = selection_compare(a->text, b->text);
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

/* Where `text`, a part of the arena, may be changed. */
static char *in_arena(const struct selection *s, struct slice text)
{
    return s->_arena.data + (text.data - s->_arena.data);
}

/* `user.*` and `user.\*` */
static void read_star(const struct selection *s, struct selection_value *v)
{
    if (!has_star(v->text))
        return;
    v->text.len--;
    if (v->text.len > 0 && v->text.data[v->text.len - 1] == '\\') {
        in_arena(s, v->text)[v->text.len - 1] = '*';
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
        read_star(r->s, v);
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
        utf8_fold(in_arena(r->s, single->value), single->value.len);
        split_words(r, single->value);
    }
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

    selection_gather(&r, query_string);
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
