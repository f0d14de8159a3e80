/* SPDX-License-Identifier: MIT */
/* rate_limit.h - requests per minute of each client, in fixed windows of a minute that begin with a
 * client's first request. Bounded: a table of 65,536 clients; when a place is wanted, the client
 * whose window began first loses its count. Thread-safe. */
#pragma once

#include "common/auto.h"
#include "common/slice.h"

#include <stdint.h>

struct rate_limit;

struct rate_limit *rate_limit_new(void);
void rate_limit_free(struct rate_limit *l);
DEFINE_AUTO(rate_limit)

struct rate_verdict {
    bool allowed;
    int64_t limit, remaining;
    int64_t reset_s; /* until the window ends, at least 1 */
};

/* Counts one request of `client`, who has `per_minute`. Ingest has a count of its own, with twice
 * the limit. `now_ms` is monotonic. */
struct rate_verdict rate_limit_take(struct rate_limit *l, struct slice client, bool ingest,
                                    int64_t per_minute, int64_t now_ms);
