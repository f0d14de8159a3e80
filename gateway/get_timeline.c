/* SPDX-License-Identifier: MIT */
/* GET /api/v1/users/{id}/timeline: a user's logs by session, newest first, in pages of so many
 * logs. A session that goes on behind the end of a page says so, and comes again on the next. */
#include "common/mem.h"
#include "common/utf8.h"
#include "gateway/handlers.h"
#include "gateway/log_page.h"
#include "gateway/sessions.h"

#include <stdlib.h>

enum { PAGE_BYTES_MAX = 32 * 1024 * 1024 };

struct timeline_job {
    struct query_job super;
    struct log_query q;
    struct buf user;
    struct log_page page;
    struct sessions *sessions;
};

static void done(struct query_job *super)
{
    struct timeline_job *job = (struct timeline_job *)super;
    query_job_done(super);
    log_query_done(&job->q);
    buf_done(&job->user);
    log_page_done(&job->page);
    sessions_free(job->sessions);
    free(job);
}

static bool add_log(void *ctx, const bson_t *doc)
{
    struct timeline_job *job = ctx;

    sessions_add(job->sessions, doc);
    return sessions_bytes(job->sessions) <= PAGE_BYTES_MAX;
}

static void peek(void *ctx, const bson_t *doc)
{
    sessions_peek(((struct timeline_job *)ctx)->sessions, doc);
}

static void render(struct timeline_job *job)
{
    struct buf *out = &job->super.answer.body;

    buf_add_text(out, "{\"success\":true,\"userId\":");
    buf_add_json(out, buf_slice(&job->user));
    buf_add_text(out, ",\"data\":[");
    sessions_write(job->sessions, out);
    buf_printf(out, "],\"pagination\":{\"limit\":%lld", (long long)job->q.limit);
    log_page_add_next(&job->page, out, &job->super.answer.link);
    buf_add_text(out, "}}");
    job->super.answer.status = 200;
}

static void work(struct query_job *super)
{
    struct timeline_job *job = (struct timeline_job *)super;
    struct err err;

    job->page.job = super;
    job->page.add = add_log;
    job->page.peek = peek;
    job->page.ctx = job;
    enum result result = log_page_read(&job->page, &err);
    if (result != OK)
        query_job_fail(super, result, &err);
    else if (log_page_fits(&job->page, &super->answer.faults))
        render(job);
}

static void refuse(struct faults *faults, const char *name, const char *must)
{
    faults_add(faults, slice_of(name), "\"%s\" %s", name, must);
}

/* The filters of /logs, but for the user, who is in the path, and for what would take a page apart:
 * another order, some members alone. */
static void read_query(struct timeline_job *job, const struct request *r, struct faults *faults)
{
    const struct selection *s = &job->q.s;

    if (log_query_read(&job->q, r->query, faults) != OK)
        return;
    for (size_t i = 0; i < s->filter_count; i++)
        if (s->filters[i].field == SELECT_USER_ID)
            refuse(faults, "userId", "is not allowed");
    if (job->q.oldest_first)
        refuse(faults, "sort", "is not allowed");
    if (job->q.field_count > 0)
        refuse(faults, "fields", "is not allowed");
    if (job->q.page != 1)
        refuse(faults, "page", "is not allowed");
    if (!utf8_valid(r->param))
        refuse(faults, "id", "must be a string");
    if (faults->count > 0)
        return;
    buf_add_slice(&job->user, r->param);
    selection_require(&job->q.s, SELECT_USER_ID, buf_slice(&job->user));
    log_page_ask(&job->page, &job->q, r, faults);
}

void get_timeline(struct request *r)
{
    struct timeline_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    job->sessions = sessions_new();
    read_query(job, r, &faults);
    query_job_settle(&job->super, r, &faults);
}
