/* SPDX-License-Identifier: MIT */
#include "processor/counters_forget.h"

#include "common/clock.h"
#include "common/mem.h"
#include "processor/dashboard.h"

#include <stdlib.h>

static int by_version(const void *a, const void *b)
{
    int64_t x = (*(const struct erasure *const *)a)->version;
    int64_t y = (*(const struct erasure *const *)b)->version;

    return (x > y) - (x < y);
}

static enum result forget_one(struct counters_redis *redis, const struct erasure *e,
                              struct err *err)
{
    char keys[DASHBOARD_USER_KEYS][DASHBOARD_KEY_MAX];
    size_t count = dashboard_user_keys(e, clock_wall_ms(), keys);
    const struct forgotten what = {.version = e->version, .user = e->user_id, .key_count = count};

    return count > 0 ? counters_redis_forget(redis, &what, keys, err) : OK;
}

enum result counters_forget(struct counters_redis *redis, const struct rules *rules, int64_t stored,
                            struct err *err)
{
    const struct erasures *all = rules_erasures(rules);
    const struct forgotten nobody = {.version = rules_version(rules)};
    size_t count = 0;
    const struct erasure **fresh;
    enum result result = OK;

    if (rules_version(rules) <= stored)
        return OK;
    fresh = mem_alloc((erasures_count(all) + 1) * sizeof(struct erasure *));
    for (size_t i = 0; i < erasures_count(all); i++)
        if (erasures_at(all, i)->version > stored)
            fresh[count++] = erasures_at(all, i);
    qsort(fresh, count, sizeof(struct erasure *), by_version);
    for (size_t i = 0; i < count && result == OK; i++)
        result = forget_one(redis, fresh[i], err);
    free(fresh);
    return result == OK ? counters_redis_forget(redis, &nobody, NULL, err) : result;
}
