/* SPDX-License-Identifier: MIT */
#include "gateway/erased.h"

#include "rules/rules_watch.h"

bool gateway_erased(struct gateway *g, struct slice tenant, struct slice user_id,
                    int64_t timestamp_ms, int64_t created_ms)
{
    AUTO(rules) rules = g->rules ? rules_watch_get(g->rules) : NULL;

    return rules && erasures_find(rules_erasures(rules), tenant, user_id, timestamp_ms, created_ms);
}

bool gateway_keeps_alike(struct gateway *g, struct slice tenant)
{
    AUTO(rules) rules = g->rules ? rules_watch_get(g->rules) : NULL;

    return !rules || rules_keep_alike(rules, tenant);
}

int64_t gateway_retention_days(struct gateway *g, struct slice tenant)
{
    AUTO(rules) rules = g->rules ? rules_watch_get(g->rules) : NULL;
    struct retention retention = {.days = g->settings->retention_days};

    if (rules)
        retention = rules_retention(rules, tenant);
    return retention_least_days(&retention);
}
