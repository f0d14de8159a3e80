/* SPDX-License-Identifier: MIT */
#include "gateway/retention_body.h"

#include <stdio.h>

enum { PATH_MAX_LEN = 64, SERVICE_MAX = 100 };

static void fault(struct admin_body *body, const char *path, const char *why)
{
    faults_add(&body->faults, slice_of(path), "\"%s\" %s", path, why);
}

static bool is_same(const struct retention_rule *a, const struct retention_rule *b)
{
    if ((a->service.data != NULL) != (b->service.data != NULL) ||
        a->has_severity != b->has_severity || (a->has_severity && a->severity != b->severity))
        return false;
    return !a->service.data || !b->service.data || slice_eq(a->service, b->service);
}

static void read_rule(struct admin_body *body, struct json_value value, size_t nth,
                      struct retention_rule *ret)
{
    static const char *const names[] = {"service", "severity", "days", NULL};
    static const char *const severities[] = {"info", "warn", "error", "critical", NULL};
    char path[PATH_MAX_LEN], member[PATH_MAX_LEN + 16];
    int severity;

    snprintf(path, sizeof path, "rules[%zu]", nth);
    if (!admin_object(body, value, path))
        return;
    admin_only(body, value, path, names);
    snprintf(member, sizeof member, "%s.service", path);
    ret->service = admin_text(body, admin_member(value, "service"), member, 1, SERVICE_MAX);
    snprintf(member, sizeof member, "%s.severity", path);
    severity = admin_choice(body, admin_member(value, "severity"), member, severities);
    ret->has_severity = severity >= 0;
    ret->severity = severity >= 0 ? (enum severity)severity : SEVERITY_INFO;
    snprintf(member, sizeof member, "%s.days", path);
    ret->days = admin_integer(body, admin_require(body, value, "days", member), member, 1,
                              RETENTION_DAYS_MAX, 1);
    if (!admin_member(value, "service").raw.data && !admin_member(value, "severity").raw.data)
        fault(body, path, "must contain at least one of [service, severity]");
}

static void read_rules(struct admin_body *body, struct json_value list, struct retention_body *ret)
{
    struct json_iter it = json_iter(list);
    struct json_value value;

    for (; json_next(&it, NULL, &value); ret->count++) {
        size_t before = body->faults.count;

        ret->rules[ret->count] = (struct retention_rule){.days = 1};
        read_rule(body, value, ret->count, &ret->rules[ret->count]);
        for (size_t i = 0; i < ret->count && before == body->faults.count; i++) {
            char path[PATH_MAX_LEN];

            if (!is_same(&ret->rules[i], &ret->rules[ret->count]))
                continue;
            snprintf(path, sizeof path, "rules[%zu]", ret->count);
            fault(body, path, "contains a duplicate value");
        }
    }
}

void retention_body_read(struct admin_body *body, struct retention_body *ret)
{
    static const char *const names[] = {"days", "rules", NULL};
    struct json_value rules = admin_member(body->root, "rules");

    ret->count = 0;
    ret->days = admin_integer(body, admin_require(body, body->root, "days", "days"), "days", 1,
                              RETENTION_DAYS_MAX, 1);
    if (admin_array(body, rules, "rules", 0, RETENTION_RULES_MAX))
        read_rules(body, rules, ret);
    admin_only(body, body->root, "", names);
}
