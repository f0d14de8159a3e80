/* SPDX-License-Identifier: MIT */
/* rule_wait.h - has everybody heard of a rule? The indexers have once they are past the end that
 * the enriched topic had after the rule was made known; the counters once Redis knows its version.
 * Blocks; one thread. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "gateway/redis_pool.h"
#include "gateway/rule_target.h"

struct rule_wait;

struct rule_wait *rule_wait_new(const struct settings *settings, struct redis_pool *redis);
void rule_wait_free(struct rule_wait *w);
DEFINE_AUTO(rule_wait)

/* Appends `ends`, an array by partition. RETRY: Kafka is away. */
enum result rule_wait_ends(struct rule_wait *w, bson_t *out, struct err *err);
/* Of the rule with these `ends` and `version`. RETRY: it cannot be told now. */
enum result rule_wait_passed(struct rule_wait *w, const bson_t *rule, bool *ret_passed,
                             struct err *err);
