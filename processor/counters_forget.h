/* SPDX-License-Identifier: MIT */
/* counters_forget.h - erasures in Redis: who is erased leaves the rankings, and does not come back.
 *
 * DESIGN. Every slice of the enriched topic is added up under some version of the rules, and goes
 * into Redis only if Redis knows no newer one (`rules` in the position hash). Taking a user out and
 * raising that version is one step of a script. So a slice of before cannot arrive behind the
 * removal, from whatever thread or process, and each removal happens once: counts of the user's new
 * life are not taken away by a restart. A Redis that was wiped is filled again under the rules of
 * today. */
#pragma once

#include "common/err.h"
#include "processor/counters_redis.h"
#include "rules/rules.h"

/* `stored`: the version that Redis knows. RETRY: Redis is away. */
enum result counters_forget(struct counters_redis *redis, const struct rules *rules, int64_t stored,
                            struct err *err);
