/* SPDX-License-Identifier: MIT */
/* totals_read.h - what was counted of whole weeks, days or hours, from the document store. Blocks:
 * for work(). */
#pragma once

#include "gateway/query_job.h"
#include "gateway/totals_sum.h"
#include "schemas/total.h"

struct totals_range {
    enum total_span span;
    int64_t from_ms, to_ms; /* to_ms excluded */
    bool by_start;
    int64_t limit_ms; /* 0: as long as the job has */
};

/* Hands each row to `fn`. RETRY, REJECT as store_read. */
enum result totals_read(const struct query_job *job, const struct totals_range *range,
                        totals_row_fn *fn, void *ctx, struct err *err);
