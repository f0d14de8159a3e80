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
    struct buf path, query; /* as sent, for the Link */
    struct buf cursor;
    bool has_after;
    struct log_position after; /* points into `cursor` */
    struct log_page page;
    int64_t fitting; /* not 0: no more rows fit */
    struct log_total total;
};

static void done(struct query_job *super)
{
    struct logs_job *job = (struct logs_job *)super;
    query_job_done(super);
    log_query_done(&job->q);
    buf_done(&job->path);
    buf_done(&job->query);
    buf_done(&job->cursor);
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
    if (body->len > PAGE_BYTES_MAX)
        job->fitting = job->page.rows > 1 ? job->page.rows - 1 : 1;
    return job->fitting == 0;
}

static enum result read_page(struct logs_job *job, struct err *err)
{
    bool by_number = !job->has_after, exact = job->total.count >= 0 && !job->total.approximate;

    job->page.job = &job->super;
    job->page.q = &job->q;
    job->page.after = by_number ? NULL : &job->after;
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
    if (!job->has_after)
        buf_printf(body, "\"page\":%lld,", (long long)job->q.page);
    buf_printf(body, "\"limit\":%lld", (long long)limit);
    if (job->total.count >= 0)
        buf_printf(body, ",\"total\":%lld,\"pages\":%lld", (long long)job->total.count,
                   (long long)((job->total.count + limit - 1) / limit));
    if (job->total.approximate)
        buf_add_text(body, ",\"approximate\":true");
    log_page_add_next(&job->page, buf_slice(&job->path), buf_slice(&job->query), body,
                      &job->super.answer.link);
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
