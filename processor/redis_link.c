/* SPDX-License-Identifier: MIT */
#include "processor/redis_link.h"

#include "common/clock.h"
#include "common/log.h"

enum { BACKOFF_MS = 200, BACKOFF_MAX_MS = 3000 };

void redis_link_init(struct redis_link *l, const struct settings *settings, struct health *health)
{
    *l = (struct redis_link){
        .settings = settings,
        .health = health,
        .check = health_add(health, "redis", false),
    };
}

void redis_link_done(struct redis_link *l)
{
    counters_redis_free(TAKE(l->redis));
}

void redis_link_lose(struct redis_link *l, const struct err *err)
{
    int64_t wait_ms = clock_backoff_ms(l->_attempt++, BACKOFF_MS, BACKOFF_MAX_MS);

    if (l->redis || l->_attempt == 1)
        log_warn("counters wait, everything else goes on: %s", err->text);
    health_set(l->health, l->check, false, "%s", err->text);
    counters_redis_free(TAKE(l->redis));
    l->_retry_ms = clock_mono_ms() + wait_ms;
}

bool redis_link_try(struct redis_link *l)
{
    struct err err;

    if (l->redis)
        return true;
    if (clock_mono_ms() < l->_retry_ms)
        return false;
    if (counters_redis_new(l->settings, &l->redis, &err) != OK) {
        redis_link_lose(l, &err);
        return false;
    }
    l->_attempt = 0;
    health_set(l->health, l->check, true, "connected");
    log_info("counters: connected to Redis");
    if (counters_redis_evicts(l->redis))
        log_warn("Redis may evict counters to make room, and they would be wrong without a word: "
                 "set maxmemory-policy noeviction");
    return true;
}
