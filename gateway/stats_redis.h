/* SPDX-License-Identifier: MIT */
/* stats_redis.h - figures that Redis holds for dashboards, on a thread of the lookup pool.
 *
 * RETRY from all: Redis is away, holds nothing, or is being rebuilt, so that its figures are none.
 */
#pragma once

#include "gateway/live_minutes.h"
#include "gateway/redis_pool.h"

#include <stdint.h>

/* Asked before any of the others. */
enum result stats_redis_ready(struct redis_pool *redis, struct err *err);

/* Whole hours. */
struct stats_span {
    int64_t from_ms, to_ms;
};

/* How many users the HyperLogLogs of these hours know, give or take 0.81 %. */
enum result stats_redis_unique(struct redis_pool *redis, struct slice tenant,
                               const struct stats_span *hours, int64_t *ret_count, struct err *err);

struct stats_rank {
    struct slice name;
    int64_t count;
    char *_text; /* owned: the name */
};
struct stats_ranks {
    struct stats_rank *ranks; /* highest first, ties by name */
    size_t count, cap;
};
void stats_ranks_done(struct stats_ranks *r);
void stats_ranks_add(struct stats_ranks *r, struct slice name, int64_t count);

/* The users of these whole days with the highest counts, exact. REJECT: too many to be fetched. */
enum result stats_redis_top_users(struct redis_pool *redis, struct slice tenant,
                                  const struct stats_span *days, size_t limit,
                                  struct stats_ranks *ret, struct err *err);
enum result stats_redis_minutes(struct redis_pool *redis, struct slice tenant,
                                struct live_minutes *live, struct err *err);
