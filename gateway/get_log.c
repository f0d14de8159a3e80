/* SPDX-License-Identifier: MIT */
/* GET /api/v1/logs/{id}: one log. 404 when there is none; 202 when this gateway has accepted it
 * lately and it is not stored yet. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/accepted_ids.h"
#include "gateway/handlers.h"
#include "gateway/log_json.h"
#include "gateway/query_job.h"
#include "gateway/store.h"
#include "schemas/enriched.h"

#include <stdlib.h>

struct log_job {
    struct query_job super;
    struct buf id, stored_id;
    bool found;
};

static void done(struct query_job *super)
{
    struct log_job *job = (struct log_job *)super;
    query_job_done(super);
    buf_done(&job->id);
    buf_done(&job->stored_id);
    free(job);
}

static bool add_log(void *ctx, const bson_t *doc)
{
    struct log_job *job = ctx;
    struct buf *body = &job->super.answer.body;

    job->found = true;
    buf_add_text(body, "{\"success\":true,\"data\":");
    log_json_add(body, doc);
    buf_add_char(body, '}');
    return false;
}

static enum result find(struct log_job *job, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "logs", .filter = &filter, .limit = 1};
    struct store_rows rows = {add_log, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    if (result == OK) {
        bson_append_utf8(&filter, "_id", -1, job->stored_id.data, (int)job->stored_id.len);
        result = store_read(job->super.gateway->store, &query, &rows, err);
    }
    bson_destroy(&filter);
    return result;
}

static void work(struct query_job *super)
{
    struct log_job *job = (struct log_job *)super;
    struct query_answer *answer = &super->answer;
    struct err err;

    enum result result = find(job, &err);
    if (result != OK) {
        query_job_fail(super, result, &err);
    } else if (job->found) {
        answer->status = 200;
    } else if (accepted_ids_has(super->gateway->accepted, super->tenant, buf_slice(&job->id),
                                clock_mono_ms())) {
        answer->status = 202;
        buf_add_text(&answer->body, "{\"success\":true,\"state\":\"pending\"}");
    } else {
        answer->status = 404;
        answer->code = "not_found";
        answer->message = "Log not found";
    }
}

void get_log(struct request *r)
{
    if (!id_valid(r->param)) { /* nothing is stored under such an id */
        answer_error(r, 404, "not_found", "Log not found");
        return;
    }
    struct log_job *job = mem_zalloc(sizeof *job);
    job->super.work = work;
    job->super.done = done;
    buf_add_slice(&job->id, r->param);
    enriched_add_id(&job->stored_id, r->tenant, r->param);
    query_job_start(&job->super, r);
}
