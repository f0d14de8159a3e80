/* SPDX-License-Identifier: MIT */
/* counters_start.h - from where the counters go on: what Redis says, unless the topics say that it
 * cannot be; then the counters are made anew. */
#pragma once

#include "common/err.h"
#include "processor/counters_redis.h"
#include "processor/feeds.h"
#include "rules/rules.h"

#include <librdkafka/rdkafka.h>

struct start_at {
    struct counters_redis *redis;
    rd_kafka_t *consumer; /* read_committed */
    struct feeds *feeds;
    const char *topics[2];     /* by feed_kind */
    const struct rules *rules; /* NULL: not known yet, and the enriched topic waits for them */
};

/* A position beyond a topic's end is believed when it has been seen for a while: a broker that has
 * just started may not know its own end yet. */
struct start_patience {
    int64_t since_ms, rules_ms; /* 0: nothing strange so far */
};

/* Begins every feed where Redis is, and the consumer with it. *ret_started false with OK: not yet,
 * call again. RETRY: Redis is away. */
enum result counters_start(const struct start_at *at, struct start_patience *patience,
                           bool *ret_started, bool *ret_rebuilt, struct err *err);

/* Is Redis where every feed expects it, and nobody rebuilding? */
enum result counters_start_check(struct counters_redis *redis, struct feeds *feeds, bool *ret_good,
                                 struct err *err);
