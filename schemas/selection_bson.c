/* SPDX-License-Identifier: MIT */
#include "schemas/selection_bson.h"

#include "schemas/json.h"
#include "schemas/record.h"
#include "schemas/selection_pattern.h"

/* A list of conditions under construction: [{…}, {…}]. */
struct conditions {
    bson_t list;
    uint32_t count;
};

static void begin(struct conditions *c, bson_t *out, const char *name)
{
    c->count = 0;
    bson_append_array_begin(out, name, -1, &c->list);
}

static void begin_item(struct conditions *c, bson_t *item)
{
    char text[16];
    const char *key;
    size_t len = bson_uint32_to_string(c->count++, &key, text, sizeof text);

    bson_append_document_begin(&c->list, key, (int)len, item);
}

static void append_text(bson_t *out, const char *name, int name_len, struct slice text)
{
    bson_append_utf8(out, name, name_len, text.data, (int)text.len);
}

static void append_begins(bson_t *out, struct slice path, struct slice prefix)
{
    AUTO_BUF pattern = {0};

    selection_pattern_prefix(&pattern, prefix);
    bson_append_regex(out, path.data, (int)path.len, buf_text(&pattern), "");
}

static void append_range(bson_t *out, struct slice path, struct slice prefix)
{
    AUTO_BUF end = {0};
    bson_t range;

    bson_append_document_begin(out, path.data, (int)path.len, &range);
    append_text(&range, "$gte", -1, prefix);
    if (selection_successor(&end, prefix))
        append_text(&range, "$lt", -1, buf_slice(&end));
    bson_append_document_end(out, &range);
}

static void append_prefix(bson_t *out, const struct selection_filter *f, struct slice prefix)
{
    bson_t exists;

    if (f->field == SELECT_METADATA && prefix.len == 0) {
        bson_append_document_begin(out, f->path.data, (int)f->path.len, &exists);
        BSON_APPEND_BOOL(&exists, "$exists", true);
        bson_append_document_end(out, &exists);
    } else if (f->field == SELECT_METADATA || f->field == SELECT_TAG) {
        append_begins(out, f->path, prefix);
    } else {
        append_range(out, f->path, prefix);
    }
}

/* All values that a text of the query string may stand for: "5" and 5, "true" and true. */
static void append_exact(bson_t *out, const char *name, int name_len,
                         const struct selection_filter *f, struct slice text, unsigned as)
{
    struct json_number number;

    if (as == 0 && f->field == SELECT_OUTCOME && slice_is(text, outcome_name(OUTCOME_NONE)))
        bson_append_null(out, name, name_len);
    else if (as == 0)
        append_text(out, name, name_len, text);
    else if (!selection_number(text, &number))
        bson_append_bool(out, name, name_len, slice_is(text, "true"));
    else if (number.is_whole)
        bson_append_int64(out, name, name_len, number.whole);
    else
        bson_append_double(out, name, name_len, number.real);
}

static unsigned meanings(const struct selection_filter *f, struct slice text)
{
    struct json_number number;

    if (f->field != SELECT_METADATA)
        return 1;
    return slice_is(text, "true") || slice_is(text, "false") || selection_number(text, &number) ? 2
                                                                                                : 1;
}

static size_t exact_count(const struct selection_filter *f, struct slice *ret_last)
{
    size_t count = 0;

    for (size_t i = 0; i < f->count; i++) {
        if (f->values[i].prefix)
            continue;
        *ret_last = f->values[i].text;
        count += meanings(f, f->values[i].text);
    }
    return count;
}

/* {path: {$in: […]}} */
static void append_in(bson_t *out, const struct selection_filter *f)
{
    bson_t in, list;
    uint32_t n = 0;

    bson_append_document_begin(out, f->path.data, (int)f->path.len, &in);
    bson_append_array_begin(&in, "$in", -1, &list);
    for (size_t i = 0; i < f->count; i++) {
        unsigned count = f->values[i].prefix ? 0 : meanings(f, f->values[i].text);

        for (unsigned as = 0; as < count; as++) {
            char text[16];
            const char *key;
            size_t len = bson_uint32_to_string(n++, &key, text, sizeof text);
            append_exact(&list, key, (int)len, f, f->values[i].text, as);
        }
    }
    bson_append_array_end(&in, &list);
    bson_append_document_end(out, &in);
}

/* One condition for all exact values, and one for each prefix. */
static void append_each(struct conditions *c, const struct selection_filter *f)
{
    struct slice last = {NULL, 0};
    size_t exact = exact_count(f, &last);
    bson_t item;

    if (exact > 0) {
        begin_item(c, &item);
        append_in(&item, f);
        bson_append_document_end(&c->list, &item);
    }
    for (size_t i = 0; i < f->count; i++) {
        if (!f->values[i].prefix)
            continue;
        begin_item(c, &item);
        append_prefix(&item, f, f->values[i].text);
        bson_append_document_end(&c->list, &item);
    }
}

static bool is_single(const struct selection_filter *f)
{
    struct slice last;
    size_t exact = exact_count(f, &last), prefixes = 0;

    for (size_t i = 0; i < f->count; i++)
        prefixes += f->values[i].prefix;
    return (exact > 0 ? 1 : 0) + prefixes == 1;
}

static void append_single(bson_t *out, const struct selection_filter *f)
{
    struct slice text = {NULL, 0};
    size_t exact = exact_count(f, &text);

    if (exact == 0)
        append_prefix(out, f, f->values[0].text);
    else if (exact == 1)
        append_exact(out, f->path.data, (int)f->path.len, f, text, 0);
    else
        append_in(out, f);
}

static void append_any_of(struct conditions *and, const struct selection_filter *f)
{
    struct conditions any;
    bson_t item;

    begin_item(and, &item);
    begin(&any, &item, "$or");
    append_each(&any, f);
    bson_append_array_end(&item, &any.list);
    bson_append_document_end(&and->list, &item);
}

/* {$or: [{message: /…/}, {action: /…/}]} */
static void append_word(struct conditions *and, struct slice word)
{
    AUTO_BUF pattern = {0};
    struct conditions any;
    bson_t item, either;

    selection_pattern_word(&pattern, word);
    begin_item(and, &item);
    begin(&any, &item, "$or");
    for (int i = 0; i < 2; i++) {
        begin_item(&any, &either);
        bson_append_regex(&either, i ? "action" : "message", -1, buf_text(&pattern), "");
        bson_append_document_end(&any.list, &either);
    }
    bson_append_array_end(&item, &any.list);
    bson_append_document_end(&and->list, &item);
}

static void append_and(bson_t *out, const struct selection *s)
{
    bool wanted = s->word_count > 0;
    struct conditions and;

    for (size_t i = 0; i < s->filter_count; i++)
        wanted |= !s->filters[i].negated && !is_single(&s->filters[i]);
    if (!wanted)
        return;
    begin(&and, out, "$and");
    for (size_t i = 0; i < s->filter_count; i++)
        if (!s->filters[i].negated && !is_single(&s->filters[i]))
            append_any_of(&and, &s->filters[i]);
    for (size_t i = 0; i < s->word_count; i++)
        append_word(&and, s->words[i]);
    bson_append_array_end(out, &and.list);
}

static void append_nor(bson_t *out, const struct selection *s)
{
    bool wanted = false;
    struct conditions nor;

    for (size_t i = 0; i < s->filter_count; i++)
        wanted |= s->filters[i].negated;
    if (!wanted)
        return;
    begin(&nor, out, "$nor");
    for (size_t i = 0; i < s->filter_count; i++)
        if (s->filters[i].negated)
            append_each(&nor, &s->filters[i]);
    bson_append_array_end(out, &nor.list);
}

void selection_bson_filters(bson_t *out, const struct selection *s)
{
    for (size_t i = 0; i < s->filter_count; i++)
        if (!s->filters[i].negated && is_single(&s->filters[i]))
            append_single(out, &s->filters[i]);
    append_and(out, s);
    append_nor(out, s);
}

void selection_bson(bson_t *out, const struct selection *s, struct slice tenant)
{
    bson_t range;

    append_text(out, "tenant", -1, tenant);
    if (s->has_start || s->has_end) {
        BSON_APPEND_DOCUMENT_BEGIN(out, "timestamp", &range);
        if (s->has_start)
            BSON_APPEND_DATE_TIME(&range, "$gte", s->start_ms);
        if (s->has_end)
            BSON_APPEND_DATE_TIME(&range, "$lte", s->end_ms);
        bson_append_document_end(out, &range);
    }
    selection_bson_filters(out, s);
}
