/* SPDX-License-Identifier: MIT */
/* /api/v1/admin/deletions: logs that a filter selects are counted, and then deleted in the
 * background (rule_jobs.c): what had been received when the deletion was asked for, wherever in the
 * pipeline it is. What comes later is kept. */
#include "gateway/audit.h"
#include "gateway/deletion_body.h"
#include "gateway/handlers.h"
#include "gateway/param.h"
#include "gateway/rule_request.h"
#include "gateway/rule_sweep.h"

static const char KIND[] = "deletion";

enum { COUNT_MS = 4000 };

/* --- making one --- */

/* -1: it takes too long to tell. */
static enum result count(struct rule_request *q, int64_t *ret, struct err *err)
{
    AUTO(rule_target) target = rule_target_new(q->doc, NULL);
    enum result result =
        target ? rule_count(q->super.gateway->store, target, COUNT_MS, ret, err) : REJECT;

    if (result == REJECT)
        *ret = -1;
    return result == REJECT ? OK : result;
}

static void answer_made(struct rule_request *q, int64_t matched)
{
    struct query_answer *answer = &q->super.answer;

    answer->status = q->dry ? 200 : 202;
    buf_add_text(&answer->body, "{\"success\":true,");
    if (q->dry)
        buf_add_text(&answer->body, "\"dryRun\":true");
    else
        buf_printf(&answer->body, "\"id\":\"%s\",\"state\":\"accepted\"", q->id);
    if (matched < 0)
        buf_add_text(&answer->body, ",\"matched\":null");
    else
        buf_printf(&answer->body, ",\"matched\":%lld", (long long)matched);
    if (!q->dry)
        buf_add_text(&answer->body, ",\"message\":\"Deletion accepted\"");
    buf_add_char(&answer->body, '}');
}

static void make(struct query_job *job)
{
    struct rule_request *q = (struct rule_request *)job;
    int64_t matched;
    struct err err;
    enum result result = count(q, &matched, &err);

    if (result == OK && !q->dry) {
        if (matched >= 0)
            BSON_APPEND_INT64(q->doc, "matched", matched);
        result = rule_request_insert(q, &err);
    }
    if (result == OK)
        answer_made(q, matched);
    else
        query_job_fail(job, result, &err);
}

/* ?dryRun=true: anything but a plain true or false is refused, since the other way is deleting. */
static bool read_dry_run(struct request *r, struct admin_body *body)
{
    struct param dry = {.name = "dryRun"};
    AUTO_BUF arena = {0};

    params_read(&dry, 1, r->query, &arena);
    if (dry.times == 0 || (param_is_plain(&dry) && slice_is(dry.value, "false")))
        return false;
    if (!param_is_plain(&dry) || !slice_is(dry.value, "true"))
        param_fault(&dry, "must be a boolean", &body->faults);
    return true;
}

static void audit(struct rule_request *q, struct request *r, const char *action,
                  struct slice filter)
{
    AUTO_BUF metadata = {0};
    struct audit_event event = {
        .action = action, .resource_type = KIND, .resource_id = slice_of(q->id)};

    if (filter.data) {
        buf_add_text(&metadata, "{\"filter\":");
        buf_add_json_any(&metadata, filter);
        buf_add_char(&metadata, '}');
        event.metadata = buf_slice(&metadata);
    }
    query_job_audit(&q->super, r, &event);
}

void post_deletion(struct request *r)
{
    struct admin_body body;
    struct deletion_body deletion = {.all = false};
    struct rule_request *q;
    bool dry;

    if (!admin_body_read(r, &body))
        return;
    dry = read_dry_run(r, &body);
    deletion_body_read(&body, &deletion);
    if (admin_body_settle(r, &body)) {
        struct slice filter =
            slice_make(deletion.filter.data ? deletion.filter.data : "", deletion.filter.len);

        q = rule_request_new(KIND, make);
        q->dry = dry;
        rule_request_begin(q, r);
        bson_append_utf8(q->doc, "filter", -1, filter.data, (int)filter.len);
        BSON_APPEND_BOOL(q->doc, "all", deletion.all);
        bson_append_utf8(q->doc, "given", -1, body.root.raw.data, (int)body.root.raw.len);
        if (!dry)
            audit(q, r, "deletion.create", body.root.raw);
        query_job_start(&q->super, r);
        admin_body_done(&body);
    }
    deletion_body_done(&deletion);
}

/* --- looking, cancelling --- */

void get_deletions(struct request *r)
{
    rule_request_look(rule_request_new(KIND, rule_request_list), r, "deletion.list");
}

void get_deletion(struct request *r)
{
    struct rule_request *q = rule_request_new(KIND, rule_request_show);

    if (rule_request_takes_id(q, r))
        rule_request_look(q, r, "deletion.read");
}

/* Only one that is not over; what it has deleted stays deleted. */
static enum result set_cancelled(struct rule_request *q, int64_t *ret_count, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, change = BSON_INITIALIZER, open, list, fields;
    struct store_write write = {
        .collection = RULES_COLLECTION, .verb = STORE_UPDATE, .filter = &filter, .change = &change};
    enum result result = query_job_limit(&q->super, &write.limit_ms, err);

    BSON_APPEND_UTF8(&filter, "_id", q->id);
    BSON_APPEND_UTF8(&filter, "kind", KIND);
    bson_append_utf8(&filter, "tenant", -1, q->super.tenant.data, (int)q->super.tenant.len);
    BSON_APPEND_DOCUMENT_BEGIN(&filter, "state", &open);
    BSON_APPEND_ARRAY_BEGIN(&open, "$nin", &list);
    BSON_APPEND_UTF8(&list, "0", "done");
    BSON_APPEND_UTF8(&list, "1", "cancelled");
    BSON_APPEND_UTF8(&list, "2", "failed");
    bson_append_array_end(&open, &list);
    bson_append_document_end(&filter, &open);
    BSON_APPEND_DOCUMENT_BEGIN(&change, "$set", &fields);
    BSON_APPEND_UTF8(&fields, "state", "cancelled");
    bson_append_document_end(&change, &fields);
    if (result == OK)
        result = store_write(q->super.gateway->store, &write, ret_count, err);
    bson_destroy(&filter);
    bson_destroy(&change);
    return result;
}

static void cancel(struct query_job *job)
{
    struct rule_request *q = (struct rule_request *)job;
    int64_t count = 0, version;
    struct err err;
    enum result result = set_cancelled(q, &count, &err);

    if (result == OK && count > 0)
        result = rule_store_publish(job->gateway->store, NULL, &version, &err);
    if (result == OK)
        rule_request_show(job);
    else
        query_job_fail(job, result, &err);
}

void delete_deletion(struct request *r)
{
    struct rule_request *q = rule_request_new(KIND, cancel);
    const struct slice nothing = {NULL, 0};

    if (!rule_request_takes_id(q, r))
        return;
    audit(q, r, "deletion.cancel", nothing);
    query_job_start(&q->super, r);
}
