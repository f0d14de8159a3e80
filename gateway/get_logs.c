/* SPDX-License-Identifier: MIT */
/* GET /api/v1/logs: a page of logs, by number or after a cursor. */
#include "common/mem.h"
#include "gateway/handlers.h"
#include "gateway/log_json.h"
#include "gateway/log_page.h"
#include "gateway/log_total.h"
#include "gateway/query_job.h"

#include <stdlib.h>

/* A thousand records may be a quarter of a gigabyte; a page is held in memory, so it is bounded. */
enum { PAGE_BYTES_MAX = 32 * 1024 * 1024 };

struct logs_job {
    struct query_job super;
    struct log_query q;
    struct log_page page;
    struct log_total total;
};

static void done(struct query_job *super)
{
    struct logs_job *job = (struct logs_job *)super;
    query_job_done(super);
    log_query_done(&job->q);
    log_page_done(&job->page);
    free(job);
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

    if (job->page.rows > 1)
        buf_add_char(body, ',');
    show(job, doc);
    return body->len <= PAGE_BYTES_MAX;
}

static enum result read_page(struct logs_job *job, struct err *err)
{
    bool by_number = !job->page.after, exact = job->total.count >= 0 && !job->total.approximate;

    job->page.job = &job->super;
    job->page.add = add_log;
    job->page.ctx = job;
    if (by_number && exact && (job->q.page - 1) * job->q.limit >= job->total.count)
        return OK; /* behind the last page: nothing to skip over */
    return log_page_read(&job->page, err);
}

static void add_pagination(struct logs_job *job)
{
    struct buf *body = &job->super.answer.body;
    int64_t limit = job->q.limit;

    buf_add_text(body, "],\"pagination\":{");
    if (!job->page.after)
        buf_printf(body, "\"page\":%lld,", (long long)job->q.page);
    buf_printf(body, "\"limit\":%lld", (long long)limit);
    if (job->total.count >= 0)
        buf_printf(body, ",\"total\":%lld,\"pages\":%lld", (long long)job->total.count,
                   (long long)((job->total.count + limit - 1) / limit));
    if (job->total.approximate)
        buf_add_text(body, ",\"approximate\":true");
    log_page_add_next(&job->page, body, &job->super.answer.link);
    buf_add_text(body, "}}");
}

static bool wants_total(const struct logs_job *job)
{
    return job->q.count == COUNT_EXACT || (job->q.count == COUNT_DEFAULT && !job->page.after);
}

static void work(struct query_job *super)
{
    struct logs_job *job = (struct logs_job *)super;
    enum result result = OK;
    struct err err;

    job->total.count = -1;
    super->answer.status = 200;
    buf_add_text(&super->answer.body, "{\"success\":true,\"data\":[");
    if (wants_total(job))
        result = log_total_read(super, &job->q, &job->total, &err);
    if (result == OK)
        result = read_page(job, &err);
    if (result != OK)
        query_job_fail(super, result, &err);
    else if (log_page_fits(&job->page, &super->answer.faults))
        add_pagination(job);
}

void get_logs(struct request *r)
{
    struct logs_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    if (log_query_read(&job->q, r->query, &faults) == OK)
        log_page_ask(&job->page, &job->q, r, &faults);
    query_job_settle(&job->super, r, &faults);
}
