/* SPDX-License-Identifier: MIT */
/* log_total.h - how many logs a query matches, whatever the page. Blocks: for work().
 *
 * DESIGN. Only counting logs one by one, in the index, agrees with what the pages show while
 * duplicates, expiry and deletions go on; but its time grows with the count (measured on
 * DocumentDB: half a second for 1,000,000). So logs are counted up to TOTAL_COUNTED, a few
 * milliseconds, and what is more comes from the stats buckets, where the filters allow it and
 * nothing was erased. These know each event once, and may include what has expired since, so such a
 * total is called approximate. A client that asks for `count=exact` gets all of them counted, for
 * up to TOTAL_TIME_MS. Better an estimate, or a page without its total, than no page. */
#pragma once

#include "gateway/query_job.h"
#include "gateway/query_params.h"

enum { TOTAL_COUNTED = 10000, TOTAL_TIME_MS = 3000 };

struct log_total {
    int64_t count; /* -1: unknown */
    bool approximate;
};

/* RETRY: the store is away. */
enum result log_total_read(const struct query_job *job, const struct log_query *q,
                           struct log_total *ret, struct err *err);
