/* SPDX-License-Identifier: MIT */
/* log_total.h - how many logs a query matches, whatever the page. Blocks: for work().
 *
 * DESIGN. Logs are counted one by one, in the index: only that agrees with what the pages show
 * while duplicates, expiry and deletions go on. Its time grows with the count (measured on
 * DocumentDB: half a second for 1,000,000). What is not counted within TOTAL_TIME_MS is summed up
 * from the stats buckets instead, where the filters allow it; these may include what has expired
 * since, so that total is called approximate. Better an estimate, or a page without its total, than
 * no page. */
#pragma once

#include "gateway/query_job.h"
#include "gateway/query_params.h"

enum { TOTAL_TIME_MS = 3000 };

struct log_total {
    int64_t count; /* -1: unknown */
    bool approximate;
};

/* RETRY: the store is away. */
enum result log_total_read(const struct query_job *job, const struct log_query *q,
                           struct log_total *ret, struct err *err);
