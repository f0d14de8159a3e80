/* SPDX-License-Identifier: MIT */
/* GET /api/v1/admin/keys: the tenant's keys, those that are good first, then the newest first. */
#include "common/mem.h"
#include "gateway/handlers.h"
#include "gateway/key_json.h"
#include "gateway/query_job.h"

#include <stdlib.h>

static void done(struct query_job *job)
{
    query_job_done(job);
    free(job);
}

static bool add_key(void *ctx, const bson_t *doc)
{
    struct buf *body = ctx;

    if (body->data[body->len - 1] == '}')
        buf_add_char(body, ',');
    key_json_add(body, doc);
    return true;
}

static void work(struct query_job *job)
{
    bson_t filter = BSON_INITIALIZER, sort = BSON_INITIALIZER;
    struct store_query query = {
        .collection = "keys", .filter = &filter, .sort = &sort, .limit = KEYS_MAX};
    struct store_rows rows = {add_key, &job->answer.body};
    struct err err;
    enum result result = query_job_limit(job, &query.limit_ms, &err);

    bson_append_utf8(&filter, "tenant", -1, job->tenant.data, (int)job->tenant.len);
    BSON_APPEND_INT32(&sort, "revokedAt", 1); /* absent comes first */
    BSON_APPEND_INT32(&sort, "createdAt", -1);
    job->answer.status = 200;
    buf_add_text(&job->answer.body, "{\"success\":true,\"data\":[");
    if (result == OK)
        result = store_read(job->gateway->store, &query, &rows, &err);
    buf_add_text(&job->answer.body, "]}");
    if (result != OK)
        query_job_fail(job, result, &err);
    bson_destroy(&filter);
    bson_destroy(&sort);
}

void get_keys(struct request *r)
{
    struct query_job *job = mem_zalloc(sizeof *job);
    const struct audit_event event = {.action = "key.list", .resource_type = "key", .read = true};

    job->work = work;
    job->done = done;
    query_job_audit(job, r, &event);
    query_job_start(job, r);
}
