/* SPDX-License-Identifier: MIT */
#include "gateway/rule_json.h"

#include "common/iso8601.h"
#include "rules/rule_document.h"

static void add_text(struct buf *out, const char *name, struct slice text)
{
    if (!text.data)
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_add_json(out, text);
}

static void add_time(struct buf *out, const char *name, int64_t ms)
{
    char text[ISO8601_LEN];

    if (!ms)
        return;
    iso8601_format(ms, text);
    add_text(out, name, slice_make(text, sizeof text));
}

static void add_number(struct buf *out, const char *name, const bson_t *doc, const char *field)
{
    bson_iter_t it;

    buf_printf(out, ",\"%s\":", name);
    if (bson_iter_init_find(&it, doc, field) && BSON_ITER_HOLDS_NUMBER(&it))
        buf_add_i64(out, bson_iter_as_int64(&it));
    else
        buf_add_text(out, "null");
}

static void add_progress(struct buf *out, const bson_t *rule, const char *changed)
{
    int64_t to_ms = rule_document_number(rule, "to");

    add_time(out, "createdAt", rule_document_number(rule, "createdAt"));
    add_number(out, changed, rule, "changed");
    add_number(out, "scanned", rule, "scanned");
    if (to_ms > 0 && to_ms < INT64_MAX)
        add_time(out, "reached", to_ms);
    add_time(out, "updatedAt", rule_document_number(rule, "updatedAt"));
    add_time(out, "finishedAt", rule_document_number(rule, "finishedAt"));
}

void rule_json_add(struct buf *out, const bson_t *rule)
{
    struct slice given = rule_document_text(rule, "given"), mode = rule_document_text(rule, "mode");
    bool masks = slice_is(mode, "anonymize");

    buf_add_text(out, "{\"id\":");
    buf_add_json(out, rule_document_text(rule, "_id"));
    add_text(out, "state", rule_document_text(rule, "state"));
    add_text(out, "userId", rule_document_text(rule, "userId"));
    add_text(out, "mode", mode);
    if (given.data) {
        buf_add_text(out, ",\"filter\":");
        buf_add_slice(out, given);
        add_number(out, "matched", rule, "matched");
    }
    add_progress(out, rule, masks ? "anonymized" : "deleted");
    buf_add_char(out, '}');
}

static void add_rule(struct buf *out, const struct retention_rule *rule)
{
    buf_add_text(out, "{");
    if (rule->service.data) {
        buf_add_text(out, "\"service\":");
        buf_add_json(out, rule->service);
        buf_add_char(out, ',');
    }
    if (rule->has_severity)
        buf_printf(out, "\"severity\":\"%s\",", severity_name(rule->severity));
    buf_printf(out, "\"days\":%lld}", (long long)rule->days);
}

void rule_json_add_retention(struct buf *out, const bson_t *setting, const bson_t *job,
                             int64_t standard_days)
{
    struct retention_rule rules[RETENTION_RULES_MAX];
    size_t count = setting ? rule_document_retention(setting, rules, RETENTION_RULES_MAX) : 0;
    int64_t days = setting ? rule_document_number(setting, "days") : standard_days;

    buf_printf(out, "{\"days\":%lld,\"rules\":[", (long long)days);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        add_rule(out, &rules[i]);
    }
    buf_add_char(out, ']');
    if (setting)
        add_time(out, "updatedAt", rule_document_number(setting, "updatedAt"));
    if (job) {
        buf_add_text(out, ",\"progress\":{\"state\":");
        buf_add_json(out, rule_document_text(job, "state"));
        add_progress(out, job, "changed");
        buf_add_char(out, '}');
    }
    buf_add_char(out, '}');
}
