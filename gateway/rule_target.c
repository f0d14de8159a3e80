/* SPDX-License-Identifier: MIT */
#include "gateway/rule_target.h"

#include "common/mem.h"
#include "schemas/selection_bson.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t DAY_MS = 86400000;

static bool read_deletion(struct rule_target *t, const bson_t *rule)
{
    struct faults faults = {0};
    struct slice filter = rule_document_text(rule, "filter");
    bool good = filter.data && selection_read(&t->selection, filter, &faults) == OK &&
                (!selection_is_empty(&t->selection) || rule_document_flag(rule, "all"));

    faults_done(&faults);
    return good;
}

static bool read_retention(struct rule_target *t, const bson_t *setting)
{
    if (!setting)
        return false;
    t->retention.days = rule_document_number(setting, "days");
    t->retention.rules = t->rules;
    t->retention.count = rule_document_retention(setting, t->rules, RETENTION_RULES_MAX);
    return t->retention.days > 0;
}

static bool read_kind(struct rule_target *t, const bson_t *rule, const bson_t *setting)
{
    struct slice kind = rule_document_text(rule, "kind");

    if (slice_is(kind, "erasure")) {
        t->kind = RULE_ERASURE;
        return rule_document_erasure(rule, 0, &t->erasure);
    }
    if (slice_is(kind, "deletion")) {
        t->kind = RULE_DELETION;
        return read_deletion(t, rule);
    }
    t->kind = RULE_RETENTION;
    return slice_is(kind, "retention") && read_retention(t, setting);
}

struct rule_target *rule_target_new(const bson_t *rule, const bson_t *setting)
{
    AUTO(rule_target) t = mem_zalloc(sizeof *t);

    t->tenant = rule_document_text(rule, "tenant");
    t->at_ms = rule_document_number(rule, "createdAt");
    return t->tenant.data && t->at_ms && read_kind(t, rule, setting) ? TAKE(t) : NULL;
}

void rule_target_free(struct rule_target *t)
{
    if (!t)
        return;
    selection_done(&t->selection);
    free(t);
}

struct rule_span rule_target_span(const struct rule_target *t)
{
    const struct selection *s = &t->selection;

    return (struct rule_span){s->has_start ? s->start_ms : INT64_MIN,
                              s->has_end ? s->end_ms : INT64_MAX};
}

static void append_text(bson_t *out, const char *name, struct slice text)
{
    bson_append_utf8(out, name, -1, text.data, (int)text.len);
}

static void append_span(bson_t *out, struct rule_span span)
{
    bson_t range;

    if (span.from_ms == INT64_MIN && span.to_ms == INT64_MAX)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(out, "timestamp", &range);
    if (span.from_ms != INT64_MIN)
        BSON_APPEND_DATE_TIME(&range, "$gte", span.from_ms);
    if (span.to_ms != INT64_MAX)
        BSON_APPEND_DATE_TIME(&range, "$lte", span.to_ms);
    bson_append_document_end(out, &range);
}

static void append_until(bson_t *out, const char *field, int64_t ms)
{
    bson_t range;

    bson_append_document_begin(out, field, -1, &range);
    BSON_APPEND_DATE_TIME(&range, "$lte", ms);
    bson_append_document_end(out, &range);
}

/* {$or: [{timestamp: {$lte: at}}, {createdAt: {$lte: at}}]} */
static void append_life(bson_t *out, int64_t at_ms)
{
    bson_t either, one;

    BSON_APPEND_ARRAY_BEGIN(out, "$or", &either);
    BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &one);
    append_until(&one, "timestamp", at_ms);
    bson_append_document_end(&either, &one);
    BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &one);
    append_until(&one, "createdAt", at_ms);
    bson_append_document_end(&either, &one);
    bson_append_array_end(out, &either);
}

static void append_erasure(bson_t *out, const struct rule_target *t, bool of_user)
{
    append_text(out, of_user ? "userId" : "actor.id", t->erasure.user_id);
    append_life(out, t->at_ms);
}

/* {$add: ["$createdAt", ms]} */
static void append_day(bson_t *out, const char *name, int64_t days)
{
    bson_t sum, terms;

    bson_append_document_begin(out, name, -1, &sum);
    BSON_APPEND_ARRAY_BEGIN(&sum, "$add", &terms);
    BSON_APPEND_UTF8(&terms, "0", "$createdAt");
    BSON_APPEND_INT64(&terms, "1", days * DAY_MS);
    bson_append_array_end(&sum, &terms);
    bson_append_document_end(out, &sum);
}

/* {$eq: ["$service", {$literal: text}]} */
static void append_equals(bson_t *list, const char *key, const char *field, struct slice text)
{
    bson_t one, pair, literal;

    bson_append_document_begin(list, key, -1, &one);
    BSON_APPEND_ARRAY_BEGIN(&one, "$eq", &pair);
    BSON_APPEND_UTF8(&pair, "0", field);
    BSON_APPEND_DOCUMENT_BEGIN(&pair, "1", &literal);
    append_text(&literal, "$literal", text);
    bson_append_document_end(&pair, &literal);
    bson_append_array_end(&one, &pair);
    bson_append_document_end(list, &one);
}

static int weight(const struct retention_rule *rule)
{
    return (rule->service.data ? 2 : 0) + (rule->has_severity ? 1 : 0);
}

static void append_branch(bson_t *branches, uint32_t nth, const struct retention_rule *rule)
{
    bson_t branch, condition, all;
    char text[16];
    const char *key;

    bson_uint32_to_string(nth, &key, text, sizeof text);
    bson_append_document_begin(branches, key, -1, &branch);
    BSON_APPEND_DOCUMENT_BEGIN(&branch, "case", &condition);
    BSON_APPEND_ARRAY_BEGIN(&condition, "$and", &all);
    if (rule->service.data)
        append_equals(&all, "0", "$service", rule->service);
    if (rule->has_severity)
        append_equals(&all, rule->service.data ? "1" : "0", "$severity",
                      slice_of(severity_name(rule->severity)));
    bson_append_array_end(&condition, &all);
    bson_append_document_end(&branch, &condition);
    append_day(&branch, "then", rule->days);
    bson_append_document_end(branches, &branch);
}

/* Until when a log is kept: the most specific rule first. */
static void append_expiry(bson_t *out, const char *name, const struct retention *r)
{
    bson_t choice, body, branches;
    uint32_t nth = 0;

    if (r->count == 0) {
        append_day(out, name, r->days);
        return;
    }
    bson_append_document_begin(out, name, -1, &choice);
    BSON_APPEND_DOCUMENT_BEGIN(&choice, "$switch", &body);
    BSON_APPEND_ARRAY_BEGIN(&body, "branches", &branches);
    for (int w = 3; w > 0; w--)
        for (size_t i = 0; i < r->count; i++)
            if (weight(&r->rules[i]) == w)
                append_branch(&branches, nth++, &r->rules[i]);
    bson_append_array_end(&body, &branches);
    append_day(&body, "default", r->days);
    bson_append_document_end(&choice, &body);
    bson_append_document_end(out, &choice);
}

/* {$expr: {$ne: ["$expireAt", …]}} */
static void append_wrong_day(bson_t *out, const struct retention *r)
{
    bson_t expression, pair;

    BSON_APPEND_DOCUMENT_BEGIN(out, "$expr", &expression);
    BSON_APPEND_ARRAY_BEGIN(&expression, "$ne", &pair);
    BSON_APPEND_UTF8(&pair, "0", "$expireAt");
    append_expiry(&pair, "1", r);
    bson_append_array_end(&expression, &pair);
    bson_append_document_end(out, &expression);
}

void rule_target_filter(const struct rule_target *t, struct rule_span span, bool of_user,
                        bson_t *out)
{
    append_text(out, "tenant", t->tenant);
    append_span(out, span);
    if (t->kind == RULE_ERASURE) {
        append_erasure(out, t, of_user);
    } else if (t->kind == RULE_DELETION) {
        append_until(out, "createdAt", t->at_ms);
        selection_bson_filters(out, &t->selection);
    } else {
        append_wrong_day(out, &t->retention);
    }
}

void rule_target_keep(const struct rule_target *t, bson_t *out)
{
    bson_t stage, set;

    BSON_APPEND_DOCUMENT_BEGIN(out, "0", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$set", &set);
    append_expiry(&set, "expireAt", &t->retention);
    bson_append_document_end(&stage, &set);
    bson_append_document_end(out, &stage);
}
