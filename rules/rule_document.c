/* SPDX-License-Identifier: MIT */
#include "rules/rule_document.h"

#include "schemas/bson_member.h"

struct slice rule_document_text(const bson_t *doc, const char *name)
{
    return bson_text_of(doc, name);
}

int64_t rule_document_number(const bson_t *doc, const char *name)
{
    bson_iter_t it;

    if (!bson_iter_init_find(&it, doc, name))
        return 0;
    return BSON_ITER_HOLDS_DATE_TIME(&it) ? bson_iter_date_time(&it) : bson_iter_as_int64(&it);
}

bool rule_document_flag(const bson_t *doc, const char *name)
{
    bson_iter_t it;

    return bson_iter_init_find(&it, doc, name) && bson_iter_as_bool(&it);
}

bool rule_document_erasure(const bson_t *doc, int64_t version, struct erasure *ret)
{
    int64_t own = rule_document_number(doc, "version");
    struct erasure e = {
        .tenant = rule_document_text(doc, "tenant"),
        .user_id = rule_document_text(doc, "userId"),
        .salt = rule_document_text(doc, "salt"),
        .at_ms = rule_document_number(doc, "createdAt"),
        .version = own ? own : version,
    };

    /* Without a salt anybody could try out names: then what comes late is dropped. */
    if (slice_is(rule_document_text(doc, "mode"), "anonymize") && e.salt.len > 0)
        e.mode = ERASE_ANONYMIZE;
    *ret = e;
    return e.tenant.data && e.user_id.data && e.at_ms;
}

static bool read_rule(const bson_iter_t *element, struct retention_rule *ret)
{
    bson_iter_t it;
    struct retention_rule rule = {.days = 0};

    if (!BSON_ITER_HOLDS_DOCUMENT(element) || !bson_iter_recurse(element, &it))
        return false;
    while (bson_iter_next(&it)) {
        if (strcmp(bson_iter_key(&it), "service") == 0)
            rule.service = bson_text_at(&it);
        else if (strcmp(bson_iter_key(&it), "severity") == 0)
            rule.has_severity = severity_parse(bson_text_at(&it), &rule.severity);
        else if (strcmp(bson_iter_key(&it), "days") == 0)
            rule.days = bson_iter_as_int64(&it);
    }
    *ret = rule;
    return rule.days > 0;
}

size_t rule_document_retention(const bson_t *doc, struct retention_rule *rules, size_t max)
{
    bson_iter_t it, element;
    size_t count = 0;

    if (!bson_iter_init_find(&it, doc, "rules") || !bson_iter_recurse(&it, &element))
        return 0;
    while (count < max && bson_iter_next(&element))
        if (read_rule(&element, &rules[count]))
            count++;
    return count;
}
