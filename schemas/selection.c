/* SPDX-License-Identifier: MIT */
#include "schemas/selection.h"

#include "schemas/json.h"

#include <stdlib.h>

static const struct field {
    const char *name, *path;
} fields[SELECT_FIELDS] = {
    [SELECT_SERVICE] = {"service", "service"},
    [SELECT_ACTION] = {"action", "action"},
    [SELECT_USER_ID] = {"userId", "userId"},
    [SELECT_SEVERITY] = {"severity", "severity"},
    [SELECT_RESOURCE_TYPE] = {"resourceType", "resource.type"},
    [SELECT_RESOURCE_ID] = {"resourceId", "resource.id"},
    [SELECT_OUTCOME] = {"outcome", "outcome"},
    [SELECT_IP] = {"ip", "ip"},
    [SELECT_REQUEST_ID] = {"requestId", "requestId"},
    [SELECT_SESSION_ID] = {"sessionId", "sessionId"},
    [SELECT_TAG] = {"tag", "tags"},
    [SELECT_SOURCE] = {"source", "source"},
    [SELECT_COUNTRY] = {"country", "enriched.country"},
    [SELECT_METADATA] = {"metadata", "metadata"},
};

const char *selection_name(enum selection_field f)
{
    return fields[f].name;
}

const char *selection_path(enum selection_field f)
{
    return fields[f].path;
}

bool selection_field_parse(struct slice name, enum selection_field *ret)
{
    for (enum selection_field f = 0; f < SELECT_METADATA; f++) {
        if (slice_is(name, fields[f].name)) {
            *ret = f;
            return true;
        }
    }
    return false;
}

void selection_done(struct selection *s)
{
    for (size_t i = 0; i < s->filter_count; i++)
        free(s->filters[i].values);
    free(s->filters);
    buf_done(&s->_arena);
    *s = (struct selection){0};
}

bool selection_is_empty(const struct selection *s)
{
    return s->filter_count == 0 && s->word_count == 0 && !s->has_start && !s->has_end;
}

const struct selection_filter *selection_find(const struct selection *s, enum selection_field f)
{
    for (size_t i = 0; i < s->filter_count; i++)
        if (s->filters[i].field == f && !s->filters[i].negated)
            return &s->filters[i];
    return NULL;
}

bool selection_number(struct slice text, struct json_number *ret)
{
    struct err unused;

    if (text.len == 0 || json_check(text, 0, &unused) != OK)
        return false;
    struct json_value value = json_root(text);
    if (value.type != JSON_NUMBER || value.raw.len != text.len)
        return false;
    *ret = json_number(text);
    return true;
}

/* Lengths before texts, so that ("ab","c") differs from ("a","bc"). */
static void add_text(struct buf *out, struct slice text)
{
    buf_add_u64(out, text.len);
    buf_add_char(out, ':');
    buf_add_slice(out, text);
}

static void add_bound(struct buf *out, char name, bool given, int64_t ms)
{
    if (!given)
        return;
    buf_add_char(out, name);
    buf_add_i64(out, ms);
}

void selection_canonical(const struct selection *s, struct buf *out)
{
    for (size_t i = 0; i < s->filter_count; i++) {
        const struct selection_filter *f = &s->filters[i];

        buf_add_char(out, f->negated ? '!' : '=');
        add_text(out, f->path);
        for (size_t v = 0; v < f->count; v++) {
            buf_add_char(out, f->values[v].prefix ? '*' : ' ');
            add_text(out, f->values[v].text);
        }
    }
    for (size_t i = 0; i < s->word_count; i++) {
        buf_add_char(out, '~');
        add_text(out, s->words[i]);
    }
    add_bound(out, '>', s->has_start, s->start_ms);
    add_bound(out, '<', s->has_end, s->end_ms);
}
