/* SPDX-License-Identifier: MIT */
#include "gateway/totals_read.h"

#include "common/text_table.h"
#include "gateway/count_bson.h"
#include "gateway/store.h"
#include "schemas/bson_member.h"

/* DESIGN. What is read is being added to meanwhile, and a cursor that goes on in a second reply may
 * meet a document again that has changed since the first (seen in DocumentDB: hundreds of 3,000),
 * or never meet it. So a range is read in parts that fit into one reply, of 16 MB, whose documents
 * are of one moment; and should a part be so large that the store cuts it all the same, each
 * document counts once. */
enum { BATCH = 10000 };

/* Parts of usual totals, of some KiB each, are half as large as a reply may be. */
static const int64_t part_spans[] = {[TOTAL_HOUR] = 168, [TOTAL_DAY] = 62, [TOTAL_WEEK] = 26};

struct reading {
    const struct query_job *job;
    const struct totals_range *range;
    struct totals_sum *sum;
    struct text_table ids; /* of the part at hand */
};

static bool add_total(void *ctx, const bson_t *total)
{
    struct reading *reading = ctx;
    bool is_new;

    text_table_place(&reading->ids, bson_text_of(total, "_id"), &is_new);
    return !is_new || totals_sum_add(reading->sum, total);
}

/* {tenant, window, start: {$gte, $lt}}: a range of an index */
static void append_filter(bson_t *out, const struct reading *reading, int64_t from_ms,
                          int64_t to_ms)
{
    count_append_tenant(out, reading->job->tenant);
    BSON_APPEND_UTF8(out, "window", total_span_name(reading->range->span));
    count_append_range(out, "start", from_ms, to_ms);
}

static enum result ask(const struct reading *reading, struct store_query *query,
                       const struct store_rows *rows, struct err *err)
{
    enum result result =
        query_job_limit_to(reading->job, reading->range->limit_ms, &query->limit_ms, err);

    return result == OK ? store_read(reading->job->gateway->store, query, rows, err) : result;
}

static enum result read_part(struct reading *reading, int64_t from_ms, int64_t to_ms,
                             struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "totals", .filter = &filter, .batch = BATCH};
    const struct store_rows rows = {add_total, reading};

    append_filter(&filter, reading, from_ms, to_ms);
    text_table_clear(&reading->ids);
    enum result result = ask(reading, &query, &rows, err);
    bson_destroy(&filter);
    return result;
}

static bool take_start(void *ctx, const bson_t *total)
{
    bson_iter_t start;

    if (bson_iter_init_find(&start, total, "start") && BSON_ITER_HOLDS_DATE_TIME(&start))
        *(int64_t *)ctx = bson_iter_date_time(&start);
    return true;
}

/* When the first total since *io_ms starts; the end of the range, when there is none. */
static enum result find_next(const struct reading *reading, int64_t *io_ms, struct err *err)
{
    const struct totals_range *range = reading->range;
    bson_t filter = BSON_INITIALIZER, hint = BSON_INITIALIZER, sort = BSON_INITIALIZER,
           fields = BSON_INITIALIZER;
    struct store_query query = {.collection = "totals",
                                .filter = &filter,
                                .fields = &fields,
                                .hint = &hint,
                                .sort = &sort,
                                .limit = 1};
    const struct store_rows rows = {take_start, io_ms};

    append_filter(&filter, reading, *io_ms, range->to_ms);
    BSON_APPEND_INT32(&fields, "start", 1);
    BSON_APPEND_INT32(&sort, "start", 1);
    BSON_APPEND_INT32(&hint, "tenant", 1);
    BSON_APPEND_INT32(&hint, "window", 1);
    BSON_APPEND_INT32(&hint, "start", 1);
    *io_ms = range->to_ms;
    enum result result = ask(reading, &query, &rows, err);
    bson_destroy(&fields);
    bson_destroy(&sort);
    bson_destroy(&hint);
    bson_destroy(&filter);
    return result;
}

/* A long range is mostly empty: all time, most of which nothing is of. */
static enum result read_parts(struct reading *reading, struct err *err)
{
    const struct totals_range *range = reading->range;
    int64_t step_ms = part_spans[range->span] * total_span_length_ms(range->span);
    int64_t from_ms = range->from_ms;
    enum result result = OK;

    while (from_ms < range->to_ms && result == OK) {
        if (range->to_ms - from_ms > step_ms)
            result = find_next(reading, &from_ms, err);
        int64_t to_ms = range->to_ms - from_ms <= step_ms ? range->to_ms : from_ms + step_ms;
        if (result == OK && from_ms < to_ms)
            result = read_part(reading, from_ms, to_ms, err);
        from_ms = to_ms;
    }
    return result;
}

enum result totals_read(const struct query_job *job, const struct totals_range *range,
                        totals_row_fn *fn, void *ctx, struct err *err)
{
    AUTO(totals_sum) sum = totals_sum_new(range->by_start, fn, ctx);
    struct reading reading = {.job = job, .range = range, .sum = sum};

    text_table_init(&reading.ids);
    enum result result = read_parts(&reading, err);
    text_table_done(&reading.ids);
    if (result == OK)
        totals_sum_finish(sum);
    return result;
}
