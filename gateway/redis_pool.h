/* SPDX-License-Identifier: MIT */
/* redis_pool.h - Redis as the lookup threads ask it: connections that are kept and used again.
 *
 * Every call blocks, never on a loop's thread, and ends within about 2 s; while Redis is known to
 * be away it fails at once. Thread-safe. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "common/slice.h"

#include <hiredis/hiredis.h>

struct redis_pool;

struct redis_pool *redis_pool_new(const struct settings *settings); /* connects when first used */
void redis_pool_free(struct redis_pool *p);
DEFINE_AUTO(redis_pool)

/* One command. OK: *ret is the reply, never an error, for the caller to freeReplyObject. RETRY:
 * Redis is away, or says no; whether it did what was asked is then unknown. */
enum result redis_pool_ask(struct redis_pool *p, const struct slice *words, size_t count,
                           redisReply **ret, struct err *err);
