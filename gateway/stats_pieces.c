/* SPDX-License-Identifier: MIT */
#include "gateway/stats_pieces.h"

#include "gateway/stats_present.h"
#include "gateway/store.h"

static enum result read_first(const struct stats_reader *reader, const struct stats_cut *cut,
                              size_t count, struct err *err)
{
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++)
        result = reader->read(reader->ctx, &cut->pieces[i], err);
    return result;
}

static bool take_any(void *ctx, const bson_t *doc)
{
    (void)doc;
    *(bool *)ctx = true;
    return false;
}

static enum result look_later(const struct query_job *job, const struct stats_present *present,
                              bool *ret_any, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, fields = BSON_INITIALIZER;
    struct store_query query = {
        .collection = "stats", .filter = &filter, .fields = &fields, .limit = 1};
    struct store_rows rows = {take_any, ret_any};
    enum result result = query_job_limit(job, &query.limit_ms, err);

    *ret_any = false;
    if (result == OK) {
        stats_present_later(&filter, job->tenant, present);
        BSON_APPEND_INT32(&fields, "_id", 1);
        result = store_read(job->gateway->store, &query, &rows, err);
    }
    bson_destroy(&fields);
    bson_destroy(&filter);
    return result;
}

enum result stats_pieces_read(const struct query_job *job, const struct stats_bounds *bounds,
                              const struct stats_cut *cut, const struct stats_reader *reader,
                              struct err *err)
{
    struct stats_present present;
    bool any_later = true;
    enum result result = OK;

    if (!bounds || !stats_present_cut(bounds, cut, &present))
        return read_first(reader, cut, cut->count, err);
    result = reader->read(reader->ctx, &present.cut.pieces[present.cut.count - 1], err);
    if (result == OK)
        result = look_later(job, &present, &any_later, err);
    if (result != OK)
        return result;
    if (!any_later)
        return read_first(reader, &present.cut, present.cut.count - 1, err);
    reader->forget(reader->ctx);
    return read_first(reader, cut, cut->count, err);
}
