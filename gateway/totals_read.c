/* SPDX-License-Identifier: MIT */
#include "gateway/totals_read.h"

#include "gateway/count_bson.h"
#include "gateway/store.h"

static bool add_total(void *ctx, const bson_t *total)
{
    return totals_sum_add(ctx, total);
}

/* {tenant, window, start: {$gte, $lt}}: a range of an index */
static void append_filter(bson_t *out, const struct totals_range *range, struct slice tenant)
{
    count_append_tenant(out, tenant);
    BSON_APPEND_UTF8(out, "window", total_span_name(range->span));
    count_append_range(out, "start", range->from_ms, range->to_ms);
}

/* Of some KiB each: a month is one reply. */
enum { BATCH = 1000 };

enum result totals_read(const struct query_job *job, const struct totals_range *range,
                        totals_row_fn *fn, void *ctx, struct err *err)
{
    AUTO(totals_sum) sum = totals_sum_new(range->by_start, fn, ctx);
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "totals", .filter = &filter, .batch = BATCH};
    struct store_rows rows = {add_total, sum};
    enum result result = query_job_limit(job, &query.limit_ms, err);

    if (range->limit_ms > 0 && query.limit_ms > range->limit_ms)
        query.limit_ms = range->limit_ms;
    if (result == OK) {
        append_filter(&filter, range, job->tenant);
        result = store_read(job->gateway->store, &query, &rows, err);
    }
    bson_destroy(&filter);
    if (result == OK)
        totals_sum_finish(sum);
    return result;
}
