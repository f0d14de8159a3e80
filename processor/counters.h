/* SPDX-License-Identifier: MIT */
/* counters.h - keeps the dashboard's keys in Redis equal to the topics, on a thread of its own.
 *
 * The position of each partition is kept in Redis with what was added up to it, and both change in
 * one script. So a replay or a zombie is refused, a Redis that lost its last second says where to
 * go on, and an empty one gets everything again from the first record. Redis away: it waits, and
 * the pipeline goes on.
 *
 * Who is erased (rules/rules.h) is in no ranking: while the rules are not known yet, what concerns
 * users waits, and everything else is counted. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/health.h"
#include "common/metrics.h"
#include "common/settings.h"

struct counters;
struct rules_watch;

/* Starts the thread; the pointers are borrowed until _free. */
enum result counters_new(const struct settings *settings, struct metrics *metrics,
                         struct health *health, struct rules_watch *rules, struct counters **ret,
                         struct err *err);
void counters_free(struct counters *c); /* stops it first */
DEFINE_AUTO(counters)

/* Requests a stop, waits for the thread, and says how it ended. FATAL: it gave up, and requested
 * the stop itself. */
enum result counters_stop(struct counters *c, struct err *err);
