/* SPDX-License-Identifier: MIT */
/* Does a record fit? With the store's rules for paths: a list stands for each of its elements. */
#include "common/iso8601.h"
#include "common/utf8.h"
#include "schemas/json.h"
#include "schemas/record.h"
#include "schemas/selection.h"

#include <stdlib.h>

static const char TIMESTAMP[] = "timestamp";

static bool begins_with(struct slice text, struct slice start)
{
    return text.len >= start.len &&
           (start.len == 0 || memcmp(text.data, start.data, start.len) == 0);
}

static bool fits_text(const struct selection_filter *f, struct slice text)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct selection_value *v = &f->values[i];
        if (v->prefix ? begins_with(text, v->text) : slice_eq(text, v->text))
            return true;
    }
    return false;
}

/* `outcome=none` */
static bool asks_for_absence(const struct selection_filter *f)
{
    for (size_t i = 0; i < f->count && f->field == SELECT_OUTCOME; i++)
        if (slice_is(f->values[i].text, outcome_name(OUTCOME_NONE)))
            return true;
    return false;
}

static bool asks_for_any(const struct selection_filter *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->values[i].prefix && f->values[i].text.len == 0)
            return true;
    return false;
}

bool selection_filter_fits(const struct selection_filter *f, struct slice text)
{
    bool fits = text.data ? fits_text(f, text) : asks_for_absence(f);
    return fits != f->negated;
}

static bool fits_number(const struct selection_filter *f, struct slice raw)
{
    struct json_number number = json_number(raw);
    struct json_number asked;

    for (size_t i = 0; i < f->count; i++)
        if (!f->values[i].prefix && selection_number(f->values[i].text, &asked) &&
            json_number_eq(number, asked))
            return true;
    return false;
}

/* A value, not what a list stands for. */
static bool fits_value(const struct selection_filter *f, struct json_value value)
{
    switch (value.type) {
    case JSON_STRING: {
        AUTO_BUF arena = {0};
        return fits_text(f, json_text(value, &arena));
    }
    case JSON_NUMBER:
        return f->field == SELECT_METADATA && fits_number(f, value.raw);
    case JSON_TRUE:
    case JSON_FALSE:
        for (size_t i = 0; i < f->count && f->field == SELECT_METADATA; i++)
            if (!f->values[i].prefix && slice_eq(f->values[i].text, value.raw))
                return true;
        return false;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return false;
}

static bool fits_leaf(const struct selection_filter *f, struct json_value value)
{
    struct json_iter it = json_iter(value);
    struct json_value element;

    if (f->field == SELECT_METADATA && asks_for_any(f))
        return true;
    if (value.type != JSON_ARRAY)
        return fits_value(f, value);
    while (json_next(&it, NULL, &element))
        if (fits_value(f, element))
            return true;
    return false;
}

static bool key_eq(struct json_value key, struct slice name)
{
    AUTO_BUF arena = {0};
    return slice_eq(json_text(key, &arena), name);
}

/* Of equal keys the last counts. */
static bool member(struct json_value object, struct slice name, struct json_value *ret)
{
    struct json_iter it = json_iter(object);
    struct json_value key, value;
    bool found = false;

    while (json_next(&it, &key, &value)) {
        if (key_eq(key, name)) {
            *ret = value;
            found = true;
        }
    }
    return found;
}

static bool element_at(struct json_value array, struct slice index, struct json_value *ret)
{
    struct json_iter it = json_iter(array);
    size_t wanted = 0;

    if (index.len == 0 || index.len > 6 || (index.data[0] == '0' && index.len > 1))
        return false;
    for (size_t i = 0; i < index.len; i++) {
        if (index.data[i] < '0' || index.data[i] > '9')
            return false;
        wanted = wanted * 10 + (size_t)(index.data[i] - '0');
    }
    for (size_t i = 0; json_next(&it, NULL, ret); i++)
        if (i == wanted)
            return true;
    return false;
}

/* Takes "a" off "a.b.c". */
static struct slice next_segment(struct slice *rest)
{
    const char *dot = memchr(rest->data, '.', rest->len);
    struct slice segment = {rest->data, dot ? (size_t)(dot - rest->data) : rest->len};
    size_t used = segment.len + (dot ? 1 : 0);

    *rest = slice_make(rest->data + used, rest->len - used);
    return segment;
}

static bool fits_path(const struct selection_filter *f, struct json_value value, struct slice path);

/* A step by number into a list, or by name into each object in it. */
static bool fits_in_array(const struct selection_filter *f, struct json_value array,
                          struct slice segment, struct slice rest, struct slice path)
{
    struct json_iter it = json_iter(array);
    struct json_value element;

    if (element_at(array, segment, &element) && fits_path(f, element, rest))
        return true;
    while (json_next(&it, NULL, &element))
        if (element.type == JSON_OBJECT && fits_path(f, element, path))
            return true;
    return false;
}

static bool fits_path(const struct selection_filter *f, struct json_value value, struct slice path)
{
    struct json_value inner;

    if (path.len == 0)
        return fits_leaf(f, value);
    struct slice rest = path, segment = next_segment(&rest);
    if (value.type == JSON_ARRAY)
        return fits_in_array(f, value, segment, rest, path);
    return value.type == JSON_OBJECT && member(value, segment, &inner) && fits_path(f, inner, rest);
}

void selection_record_read(struct selection_record *r, struct slice json)
{
    struct json_value root = json_root(json), key, value;
    struct json_iter it = json_iter(root);

    r->_root = root;
    r->_count = 0;
    r->_listed = root.type == JSON_OBJECT;
    while (r->_listed && json_next(&it, &key, &value)) {
        r->_listed = r->_count < SELECTION_MEMBERS_MAX && !key.escaped;
        if (r->_listed)
            r->_members[r->_count++] =
                (struct selection_member){slice_make(key.raw.data + 1, key.raw.len - 2), value};
    }
}

static bool record_member(const struct selection_record *r, struct slice name,
                          struct json_value *ret)
{
    if (!r->_listed)
        return r->_root.type == JSON_OBJECT && member(r->_root, name, ret);
    for (size_t i = r->_count; i > 0; i--) {
        if (slice_eq(r->_members[i - 1].name, name)) {
            *ret = r->_members[i - 1].value;
            return true;
        }
    }
    return false;
}

static bool fits_filter(const struct selection_filter *f, const struct selection_record *record)
{
    struct slice rest = f->path, segment = next_segment(&rest);
    struct json_value value;
    bool there = record_member(record, segment, &value);
    bool fits = there && fits_path(f, value, rest);

    if (!there && asks_for_absence(f))
        fits = true;
    return fits != f->negated;
}

static void add_folded(struct buf *out, const struct selection_record *record, const char *name)
{
    struct json_value value;
    AUTO_BUF arena = {0};

    buf_clear(out);
    if (!record_member(record, slice_of(name), &value) || value.type != JSON_STRING)
        return;
    buf_add_slice(out, json_text(value, &arena));
    utf8_fold(out->data, out->len);
}

static bool contains(const struct buf *text, struct slice word)
{
    return text->len > 0 && memmem(text->data, text->len, word.data, word.len);
}

static bool fits_words(const struct selection *s, const struct selection_record *record)
{
    AUTO_BUF message = {0};
    AUTO_BUF action = {0};

    if (s->word_count == 0)
        return true;
    add_folded(&message, record, "message");
    add_folded(&action, record, "action");
    for (size_t i = 0; i < s->word_count; i++)
        if (!contains(&message, s->words[i]) && !contains(&action, s->words[i]))
            return false;
    return true;
}

static bool fits_times(const struct selection *s, const struct selection_record *record)
{
    struct json_value value;
    AUTO_BUF arena = {0};
    int64_t ms;

    if (!s->has_start && !s->has_end)
        return true;
    if (!record_member(record, slice_of(TIMESTAMP), &value) || value.type != JSON_STRING ||
        !iso8601_parse(json_text(value, &arena), &ms))
        return false;
    return (!s->has_start || ms >= s->start_ms) && (!s->has_end || ms <= s->end_ms);
}

bool selection_matches_record(const struct selection *s, const struct selection_record *record)
{
    for (size_t i = 0; i < s->filter_count; i++)
        if (!fits_filter(&s->filters[i], record))
            return false;
    return fits_times(s, record) && fits_words(s, record);
}

bool selection_matches(const struct selection *s, struct slice json)
{
    struct selection_record record;

    selection_record_read(&record, json);
    return selection_matches_record(s, &record);
}
