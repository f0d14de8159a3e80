/* SPDX-License-Identifier: MIT */
/* GET /api/v1/logs: a page of logs, by number or after a cursor. */
#include "common/mem.h"
#include "gateway/cursor.h"
#include "gateway/handlers.h"
#include "gateway/log_filter.h"
#include "gateway/log_json.h"
#include "gateway/log_total.h"
#include "gateway/page_link.h"
#include "gateway/query_job.h"
#include "gateway/query_params.h"
#include "gateway/store.h"

#include <stdlib.h>

static const char COLLECTION[] = "logs";

/* A thousand records may be a quarter of a gigabyte; a page is held in memory, so it is bounded. */
enum { PAGE_BYTES_MAX = 32 * 1024 * 1024 };

struct logs_job {
    struct query_job super;
    struct log_query q;
    struct buf path, query; /* as sent, for the Link */
    struct buf cursor;
    bool has_after;
    struct log_position after; /* points into `cursor` */
    /* the result */
    int64_t rows;    /* one more than q.limit: there is a next page */
    int64_t fitting; /* not 0: no more rows fit */
    struct log_total total;
    struct buf last_id;
    int64_t last_ms;
};

static void done(struct query_job *super)
{
    struct logs_job *job = (struct logs_job *)super;
    query_job_done(super);
    log_query_done(&job->q);
    buf_done(&job->path);
    buf_done(&job->query);
    buf_done(&job->cursor);
    buf_done(&job->last_id);
    free(job);
}

static void note_position(struct logs_job *job, const bson_t *doc)
{
    bson_iter_t id, timestamp;
    uint32_t len;

    buf_clear(&job->last_id);
    if (!bson_iter_init_find(&id, doc, "_id") || !BSON_ITER_HOLDS_UTF8(&id) ||
        !bson_iter_init_find(&timestamp, doc, "timestamp"))
        return;
    const char *text = bson_iter_utf8(&id, &len);
    buf_add(&job->last_id, text, len);
    job->last_ms = bson_iter_as_int64(&timestamp);
    if (BSON_ITER_HOLDS_DATE_TIME(&timestamp))
        job->last_ms = bson_iter_date_time(&timestamp);
}

static bool wants_time(const struct log_query *q)
{
    for (size_t i = 0; i < q->field_count; i++)
        if (slice_is(q->fields[i], "timestamp"))
            return true;
    return q->field_count == 0;
}

/* The store was asked for the time in any case, for the cursor. */
static void show(struct logs_job *job, const bson_t *doc)
{
    struct buf *body = &job->super.answer.body;
    bson_t without = BSON_INITIALIZER;

    if (wants_time(&job->q)) {
        log_json_add(body, doc);
    } else {
        bson_copy_to_excluding_noinit(doc, &without, "timestamp", NULL);
        log_json_add(body, &without);
    }
    bson_destroy(&without);
}

static bool add_log(void *ctx, const bson_t *doc)
{
    struct logs_job *job = ctx;
    struct buf *body = &job->super.answer.body;

    if (++job->rows > job->q.limit)
        return false;
    if (job->rows > 1)
        buf_add_char(body, ',');
    show(job, doc);
    if (body->len > PAGE_BYTES_MAX) {
        job->fitting = job->rows > 1 ? job->rows - 1 : 1;
        return false;
    }
    note_position(job, doc);
    return true;
}

static enum result read_span(struct logs_job *job, const struct log_span *span, int64_t skip,
                             struct err *err)
{
    bson_t filter = BSON_INITIALIZER, hint = BSON_INITIALIZER, sort = BSON_INITIALIZER,
           fields = BSON_INITIALIZER;
    struct store_query query = {.collection = COLLECTION,
                                .filter = &filter,
                                .fields = &fields,
                                .hint = &hint,
                                .sort = &sort,
                                .skip = skip,
                                .limit = job->q.limit + 1 - job->rows};
    struct store_rows rows = {add_log, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    if (result == OK) {
        log_filter_match(&filter, &job->q, job->super.tenant, span);
        log_filter_hint(&hint, &job->q.s);
        log_filter_sort(&sort, &job->q);
        log_filter_projection(&fields, &job->q);
        result = store_read(job->super.gateway->store, &query, &rows, err);
    }
    bson_destroy(&fields);
    bson_destroy(&sort);
    bson_destroy(&hint);
    bson_destroy(&filter);
    return result;
}

static enum result read_page(struct logs_job *job, struct err *err)
{
    struct log_span spans[LOG_SPANS_MAX];
    size_t count = log_filter_spans(&job->q, job->has_after ? &job->after : NULL, spans);
    int64_t skip = job->has_after ? 0 : (job->q.page - 1) * job->q.limit;
    enum result result = OK;

    if (job->total.count >= 0 && !job->total.approximate && skip >= job->total.count)
        return OK; /* behind the last page: nothing to skip over */
    for (size_t i = 0; i < count && result == OK && job->rows <= job->q.limit; i++)
        result = read_span(job, &spans[i], skip, err);
    return result;
}

static void add_next(struct logs_job *job)
{
    struct query_answer *answer = &job->super.answer;
    struct log_position last = {job->last_ms, buf_slice(&job->last_id)};
    AUTO_BUF cursor = {0};

    if (job->rows <= job->q.limit || last.id.len == 0)
        return;
    cursor_write(&cursor, &job->q, job->super.tenant, &last);
    buf_add_text(&answer->body, ",\"nextCursor\":");
    buf_add_json(&answer->body, buf_slice(&cursor));
    page_link_write(&answer->link, buf_slice(&job->path), buf_slice(&job->query),
                    buf_slice(&cursor));
}

static void add_pagination(struct logs_job *job)
{
    struct buf *body = &job->super.answer.body;
    int64_t limit = job->q.limit;

    buf_add_text(body, "],\"pagination\":{");
    if (!job->has_after)
        buf_printf(body, "\"page\":%lld,", (long long)job->q.page);
    buf_printf(body, "\"limit\":%lld", (long long)limit);
    if (job->total.count >= 0)
        buf_printf(body, ",\"total\":%lld,\"pages\":%lld", (long long)job->total.count,
                   (long long)((job->total.count + limit - 1) / limit));
    if (job->total.approximate)
        buf_add_text(body, ",\"approximate\":true");
    add_next(job);
    buf_add_text(body, "}}");
}

/* Fewer of them would do. A shorter page instead would be a gap for those who count pages. */
static void refuse_size(struct logs_job *job)
{
    faults_add(&job->super.answer.faults, slice_of("limit"),
               "\"limit\" must be less than or equal to %lld", (long long)job->fitting);
}

static bool wants_total(const struct logs_job *job)
{
    return job->q.count == COUNT_EXACT || (job->q.count == COUNT_DEFAULT && !job->has_after);
}

static void work(struct query_job *super)
{
    struct logs_job *job = (struct logs_job *)super;
    struct err err;

    enum result result = OK;

    job->total.count = -1;
    super->answer.status = 200;
    buf_add_text(&super->answer.body, "{\"success\":true,\"data\":[");
    if (wants_total(job))
        result = log_total_read(super, &job->q, &job->total, &err);
    if (result == OK)
        result = read_page(job, &err);
    if (result != OK)
        query_job_fail(super, result, &err);
    else if (job->fitting > 0)
        refuse_size(job);
    else
        add_pagination(job);
}

static enum result read_query(struct logs_job *job, const struct request *r, struct faults *faults)
{
    enum result result = log_query_read(&job->q, r->query, faults);

    if (result != OK || !job->q.cursor.data)
        return result;
    job->has_after = cursor_read(job->q.cursor, &job->q, r->tenant, &job->cursor, &job->after);
    if (job->has_after)
        return OK;
    faults_add(faults, slice_of("cursor"), "\"cursor\" is not valid");
    return REJECT;
}

void get_logs(struct request *r)
{
    struct logs_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    if (read_query(job, r, &faults) == OK) {
        buf_add_slice(&job->path, r->path);
        buf_add_slice(&job->query, r->query);
        query_job_start(&job->super, r);
    } else {
        answer_faults(r, &faults);
        done(&job->super);
    }
    faults_done(&faults);
}
