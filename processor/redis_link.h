/* SPDX-License-Identifier: MIT */
/* redis_link.h - a connection to Redis that comes back by itself, with back-off. Logs and tells the
 * health once per change; one thread. */
#pragma once

#include "common/health.h"
#include "processor/counters_redis.h"

struct redis_link {
    const struct settings *settings;
    struct health *health;
    int check;
    struct counters_redis *redis; /* NULL: away */
    int64_t _retry_ms;
    unsigned _attempt;
};

void redis_link_init(struct redis_link *l, const struct settings *settings, struct health *health);
void redis_link_done(struct redis_link *l);
/* Connects when it is time to; returns whether Redis is there. */
bool redis_link_try(struct redis_link *l);
void redis_link_lose(struct redis_link *l, const struct err *err); /* after any failed command */
