/* SPDX-License-Identifier: MIT */
#include "rules/retention.h"

/* 0: it does not apply. */
static int weight(const struct retention_rule *rule, struct slice service, struct slice severity)
{
    if (rule->service.data && !slice_eq(rule->service, service))
        return 0;
    if (rule->has_severity && !slice_is(severity, severity_name(rule->severity)))
        return 0;
    return 1 + (rule->has_severity ? 1 : 0) + (rule->service.data ? 2 : 0);
}

int64_t retention_days(const struct retention *r, struct slice service, struct slice severity)
{
    int64_t days = r->days;
    int heaviest = 0;

    for (size_t i = 0; i < r->count; i++) {
        int w = weight(&r->rules[i], service, severity);

        if (w <= heaviest)
            continue;
        heaviest = w;
        days = r->rules[i].days;
    }
    return days;
}

int64_t retention_least_days(const struct retention *r)
{
    int64_t least = r->days;

    for (size_t i = 0; i < r->count; i++)
        if (r->rules[i].days < least)
            least = r->rules[i].days;
    return least;
}
