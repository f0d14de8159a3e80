/* SPDX-License-Identifier: MIT */
/* DELETE /api/v1/admin/keys/{id}: the key opens nothing any more, here when the answer is sent and
 * on other gateways ACCESS_EVERY_MS later. It stays in the list. Asking again changes nothing. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/access.h"
#include "gateway/handlers.h"
#include "gateway/key_json.h"
#include "gateway/query_job.h"

#include <stdlib.h>

struct revoke_job {
    struct query_job super;
    char id[KEY_ID_LEN + 1];
};

static void done(struct query_job *super)
{
    query_job_done(super);
    free(super);
}

static void match(const struct revoke_job *job, bson_t *filter)
{
    BSON_APPEND_UTF8(filter, "_id", job->id);
    bson_append_utf8(filter, "tenant", -1, job->super.tenant.data, (int)job->super.tenant.len);
}

static enum result revoke_key(struct revoke_job *job, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, part;
    struct store_write write = {
        .collection = "keys", .verb = STORE_UPDATE, .filter = &filter, .change = &update};
    enum result result = query_job_limit(&job->super, &write.limit_ms, err);

    match(job, &filter);
    BSON_APPEND_DOCUMENT_BEGIN(&filter, "revokedAt", &part);
    BSON_APPEND_BOOL(&part, "$exists", false);
    bson_append_document_end(&filter, &part);
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &part);
    BSON_APPEND_DATE_TIME(&part, "revokedAt", clock_wall_ms());
    bson_append_document_end(&update, &part);
    if (result == OK)
        result = store_write(job->super.gateway->store, &write, NULL, err);
    bson_destroy(&filter);
    bson_destroy(&update);
    return result;
}

static bool show(void *body, const bson_t *doc)
{
    key_json_add(body, doc);
    return true;
}

static enum result read_back(struct revoke_job *job, struct buf *out, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "keys", .filter = &filter, .limit = 1};
    struct store_rows rows = {show, out};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    match(job, &filter);
    if (result == OK)
        result = store_read(job->super.gateway->store, &query, &rows, err);
    bson_destroy(&filter);
    return result;
}

static void work(struct query_job *super)
{
    struct revoke_job *job = (struct revoke_job *)super;
    struct query_answer *answer = &super->answer;
    AUTO_BUF key = {0};
    struct err err;
    enum result result = revoke_key(job, &err);

    if (result == OK)
        result = access_reload(super->gateway->access, super->gateway->store, &err);
    if (result == OK)
        result = read_back(job, &key, &err);
    if (result != OK) {
        query_job_fail(super, result, &err);
        return;
    }
    answer->status = key.len > 0 ? 200 : 404;
    if (key.len == 0) {
        answer->code = "not_found";
        answer->message = "Key not found";
        return;
    }
    buf_add_text(&answer->body, "{\"success\":true,\"data\":");
    buf_add_slice(&answer->body, buf_slice(&key));
    buf_add_char(&answer->body, '}');
}

void delete_key(struct request *r)
{
    struct revoke_job *job;

    if (!api_key_id_valid(r->param)) {
        answer_error(r, 404, "not_found", "Key not found");
        return;
    }
    job = mem_zalloc(sizeof *job);
    job->super.work = work;
    job->super.done = done;
    memcpy(job->id, r->param.data, KEY_ID_LEN);
    const struct audit_event event = {
        .action = "key.revoke", .resource_type = "key", .resource_id = r->param};
    query_job_audit(&job->super, r, &event);
    query_job_start(&job->super, r);
}
