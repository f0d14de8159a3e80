/* SPDX-License-Identifier: MIT */
/* GET /api/v1/admin/rejects: what was refused and why, newest first. */
#include "common/mem.h"
#include "gateway/handlers.h"
#include "gateway/page_link.h"
#include "gateway/query_job.h"
#include "gateway/reject_json.h"
#include "gateway/reject_query.h"
#include "gateway/store.h"

#include <stdlib.h>

enum { PAGE_BYTES_MAX = 8 * 1024 * 1024 }; /* the cursor goes on where a page is full */

struct rejects_job {
    struct query_job super;
    struct reject_query q;
    struct page_url url;
    struct buf cursor;
    struct reject_place after; /* id.data == NULL: from the beginning */
    int64_t rows;
    bool more;
    struct buf last_id;
    int64_t last_ms;
};

static void done(struct query_job *super)
{
    struct rejects_job *job = (struct rejects_job *)super;

    query_job_done(super);
    reject_query_done(&job->q);
    page_url_done(&job->url);
    buf_done(&job->cursor);
    buf_done(&job->last_id);
    free(job);
}

static void note_place(struct rejects_job *job, const bson_t *doc)
{
    bson_iter_t at;

    buf_clear(&job->last_id);
    if (bson_iter_init_find(&at, doc, "_id") && BSON_ITER_HOLDS_UTF8(&at))
        buf_add_text(&job->last_id, bson_iter_utf8(&at, NULL));
    if (bson_iter_init_find(&at, doc, "at") && BSON_ITER_HOLDS_DATE_TIME(&at))
        job->last_ms = bson_iter_date_time(&at);
}

static bool add_reject(void *ctx, const bson_t *doc)
{
    struct rejects_job *job = ctx;
    struct buf *body = &job->super.answer.body;

    if (job->rows == job->q.limit || body->len > PAGE_BYTES_MAX) {
        job->more = true;
        return false;
    }
    if (job->rows++ > 0)
        buf_add_char(body, ',');
    reject_json_add(body, doc);
    note_place(job, doc);
    return true;
}

static void add_equal(bson_t *filter, const char *name, struct slice text)
{
    if (text.data)
        bson_append_utf8(filter, name, -1, text.data, (int)text.len);
}

/* Older than the last one of the page before: {$or: [{at: {$lt}}, {at, _id: {$lt}}]}. */
static void add_after(bson_t *filter, const struct reject_place *after)
{
    bson_t either, one, less;

    BSON_APPEND_ARRAY_BEGIN(filter, "$or", &either);
    BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &one);
    BSON_APPEND_DOCUMENT_BEGIN(&one, "at", &less);
    BSON_APPEND_DATE_TIME(&less, "$lt", after->at_ms);
    bson_append_document_end(&one, &less);
    bson_append_document_end(&either, &one);
    BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &one);
    BSON_APPEND_DATE_TIME(&one, "at", after->at_ms);
    BSON_APPEND_DOCUMENT_BEGIN(&one, "_id", &less);
    add_equal(&less, "$lt", after->id);
    bson_append_document_end(&one, &less);
    bson_append_document_end(&either, &one);
    bson_append_array_end(filter, &either);
}

static enum result read_page(struct rejects_job *job, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, sort = BSON_INITIALIZER;
    struct store_query query = {.collection = "rejects", .filter = &filter, .sort = &sort};
    struct store_rows rows = {add_reject, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    if (result == OK) {
        query.limit = job->q.limit + 1;
        add_equal(&filter, "tenant", job->super.tenant);
        add_equal(&filter, "stage", job->q.stage);
        add_equal(&filter, "reason", job->q.reason);
        add_equal(&filter, "state", job->q.state);
        if (job->after.id.data)
            add_after(&filter, &job->after);
        BSON_APPEND_INT32(&sort, "at", -1);
        BSON_APPEND_INT32(&sort, "_id", -1);
        result = store_read(job->super.gateway->store, &query, &rows, err);
    }
    bson_destroy(&sort);
    bson_destroy(&filter);
    return result;
}

static void add_pagination(struct rejects_job *job)
{
    struct query_answer *answer = &job->super.answer;
    struct reject_place last = {job->last_ms, buf_slice(&job->last_id)};
    AUTO_BUF cursor = {0};

    buf_printf(&answer->body, "],\"pagination\":{\"limit\":%lld", (long long)job->q.limit);
    if (job->more) {
        reject_cursor_write(&cursor, &job->q, job->super.tenant, &last);
        page_url_add_next(&job->url, buf_slice(&cursor), &answer->body, &answer->link);
    }
    buf_add_text(&answer->body, "}}");
}

static void work(struct query_job *super)
{
    struct rejects_job *job = (struct rejects_job *)super;
    enum result result;
    struct err err;

    super->answer.status = 200;
    buf_add_text(&super->answer.body, "{\"success\":true,\"data\":[");
    result = read_page(job, &err);
    if (result == OK)
        add_pagination(job);
    else
        query_job_fail(super, result, &err);
}

static void read_query(struct rejects_job *job, const struct request *r, struct faults *faults)
{
    page_url_keep(&job->url, r->path, r->query);
    if (reject_query_read(&job->q, r->query, faults) == OK && job->q.cursor.data &&
        !reject_cursor_read(&job->q, r->tenant, &job->cursor, &job->after))
        faults_add(faults, slice_of("cursor"), "\"cursor\" is not valid");
}

void get_rejects(struct request *r)
{
    struct rejects_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};
    const struct audit_event event = {
        .action = "reject.list", .resource_type = "reject", .read = true};

    job->super.work = work;
    job->super.done = done;
    read_query(job, r, &faults);
    query_job_audit(&job->super, r, &event);
    query_job_settle(&job->super, r, &faults);
}
