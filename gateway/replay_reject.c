/* SPDX-License-Identifier: MIT */
/* POST /api/v1/admin/rejects/{id}/replay: sends a rejected record through once more, mended or as
 * it is. Here only the wish is written down, in one atomic step; an indexer fulfils it. Asking
 * again gives the same answer, with the state of that time, and sends nothing. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/accepted_ids.h"
#include "gateway/handlers.h"
#include "gateway/query_job.h"
#include "gateway/reject_facts.h"
#include "gateway/replay_body.h"
#include "gateway/store.h"
#include "schemas/bson_member.h"

#include <ctype.h>
#include <stdlib.h>

enum { ID_MAX = 300 };

struct replay_job {
    struct query_job super;
    struct buf reject_id, mended;
    bson_t *reject; /* NULL: there is none */
    struct replay_plan plan;
};

static void done(struct query_job *super)
{
    struct replay_job *job = (struct replay_job *)super;

    query_job_done(super);
    buf_done(&job->reject_id);
    buf_done(&job->mended);
    replay_plan_done(&job->plan);
    bson_destroy(job->reject);
    free(job);
}

/* --- the reject --- */

static bool keep_reject(void *ctx, const bson_t *doc)
{
    struct replay_job *job = ctx;

    job->reject = bson_copy(doc);
    return false;
}

static void match(const struct replay_job *job, bson_t *filter)
{
    bson_append_utf8(filter, "_id", -1, job->reject_id.data, (int)job->reject_id.len);
    bson_append_utf8(filter, "tenant", -1, job->super.tenant.data, (int)job->super.tenant.len);
}

static enum result find(struct replay_job *job, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "rejects", .filter = &filter, .limit = 1};
    struct store_rows rows = {keep_reject, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    bson_destroy(job->reject);
    job->reject = NULL;
    match(job, &filter);
    if (result == OK)
        result = store_read(job->super.gateway->store, &query, &rows, err);
    bson_destroy(&filter);
    return result;
}

/* --- the wish --- */

static void add_bytes(bson_t *out, const char *name, const struct buf *bytes)
{
    if (bytes->len > 0)
        bson_append_binary(out, name, -1, BSON_SUBTYPE_BINARY, (const uint8_t *)bytes->data,
                           (uint32_t)bytes->len);
}

static void add_text(bson_t *out, const char *name, const struct buf *text)
{
    bson_append_utf8(out, name, -1, text->data, (int)text->len);
}

static void write_wish(const struct replay_job *job, bson_t *update)
{
    bson_t set, unset;

    BSON_APPEND_DOCUMENT_BEGIN(update, "$set", &set);
    BSON_APPEND_UTF8(&set, "state", "replaying");
    add_text(&set, "logId", &job->plan.log_id);
    add_text(&set, "storedId", &job->plan.stored_id);
    BSON_APPEND_DATE_TIME(&set, "replayRequestedAt", clock_wall_ms());
    add_bytes(&set, "replayValue", &job->plan.value);
    add_bytes(&set, "replayKey", &job->plan.key);
    bson_append_document_end(update, &set);
    BSON_APPEND_DOCUMENT_BEGIN(update, "$unset", &unset);
    BSON_APPEND_UTF8(&unset, "replayError", "");
    BSON_APPEND_UTF8(&unset, "replayTries", "");
    if (job->plan.value.len == 0)
        BSON_APPEND_UTF8(&unset, "replayValue", "");
    if (job->plan.key.len == 0)
        BSON_APPEND_UTF8(&unset, "replayKey", "");
    bson_append_document_end(update, &unset);
}

/* Only an open reject takes a wish, so of two that come at once one is taken. */
static enum result wish(struct replay_job *job, bool *ret_taken, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER;
    struct store_write write = {
        .collection = "rejects", .verb = STORE_UPDATE, .filter = &filter, .change = &update};
    int64_t count = 0;
    enum result result = query_job_limit(&job->super, &write.limit_ms, err);

    match(job, &filter);
    BSON_APPEND_UTF8(&filter, "state", "open");
    write_wish(job, &update);
    if (result == OK)
        result = store_write(job->super.gateway->store, &write, &count, err);
    bson_destroy(&filter);
    bson_destroy(&update);
    *ret_taken = count > 0;
    return result;
}

static void answer(struct replay_job *job, struct slice log_id, struct slice state)
{
    struct buf *body = &job->super.answer.body;

    job->super.answer.status = 202;
    buf_add_text(body, "{\"success\":true,\"logId\":");
    buf_add_json(body, log_id);
    buf_add_text(body, ",\"state\":");
    buf_add_json(body, state);
    buf_add_text(body, ",\"message\":\"Reject accepted for replay\"}");
}

static void answer_missing(struct replay_job *job)
{
    job->super.answer.status = 404;
    job->super.answer.code = "not_found";
    job->super.answer.message = "Reject not found";
}

static enum result replay(struct replay_job *job, struct err *err)
{
    enum result result = find(job, err);
    struct reject_facts facts;
    bool taken = false;

    if (result != OK)
        return result;
    if (job->reject && slice_is(bson_text_of(job->reject, "state"), "open")) {
        facts = reject_facts_of(job->reject);
        if (replay_plan_make(&job->plan, &facts, buf_slice(&job->mended),
                             &job->super.answer.faults) != OK) {
            job->super.answer.status = 409;
            return OK;
        }
        result = wish(job, &taken, err);
        if (result == OK && !taken) /* another was faster */
            result = find(job, err);
    }
    if (result != OK)
        return result;
    if (!job->reject)
        answer_missing(job);
    else if (taken)
        answer(job, buf_slice(&job->plan.log_id), slice_of("replaying"));
    else
        answer(job, bson_text_of(job->reject, "logId"), bson_text_of(job->reject, "state"));
    struct slice id = buf_slice(&job->plan.log_id);
    if (taken)
        accepted_ids_add(job->super.gateway->accepted, job->super.tenant, &id, 1, clock_mono_ms());
    return OK;
}

static void work(struct query_job *super)
{
    struct err err;
    enum result result = replay((struct replay_job *)super, &err);

    if (result != OK)
        query_job_fail(super, result, &err);
}

/* topic:partition:offset */
static bool is_reject_id(struct slice id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!isalnum((unsigned char)id.data[i]) && !strchr("._-:", id.data[i]))
            return false;
    return id.len <= ID_MAX;
}

void replay_reject(struct request *r)
{
    struct replay_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};
    struct refusal refusal = {0};

    job->super.work = work;
    job->super.done = done;
    if (!is_reject_id(r->param))
        refuse(&refusal, 404, "not_found", "Reject not found");
    else if (replay_body_read(r, &job->mended, &faults, &refusal)) {
        const struct audit_event event = {
            .action = "reject.replay", .resource_type = "reject", .resource_id = r->param};

        query_job_audit(&job->super, r, &event);
        buf_add_slice(&job->reject_id, r->param);
        query_job_start(&job->super, r);
        return;
    }
    if (faults.count > 0)
        answer_faults(r, &faults);
    else
        answer_error(r, refusal.status, refusal.code, refusal.message);
    done(&job->super);
    faults_done(&faults);
}
