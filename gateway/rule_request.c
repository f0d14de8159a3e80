/* SPDX-License-Identifier: MIT */
#include "gateway/rule_request.h"

#include "common/clock.h"
#include "common/ident.h"
#include "common/mem.h"
#include "gateway/rule_json.h"

#include <stdlib.h>

static void done(struct query_job *job)
{
    struct rule_request *q = (struct rule_request *)job;

    query_job_done(job);
    bson_destroy(q->doc);
    free(q);
}

struct rule_request *rule_request_new(const char *kind, void (*work)(struct query_job *job))
{
    struct rule_request *q = mem_zalloc(sizeof *q);

    q->super.work = work;
    q->super.done = done;
    q->kind = kind;
    q->doc = bson_new();
    return q;
}

static const char *not_found(const struct rule_request *q)
{
    return strcmp(q->kind, "erasure") == 0 ? "Erasure not found" : "Deletion not found";
}

bool rule_request_takes_id(struct rule_request *q, struct request *r)
{
    if (r->param.len > RULE_ID_MAX || memchr(r->param.data, '\0', r->param.len) ||
        !bson_utf8_validate(r->param.data, r->param.len, false)) {
        answer_error(r, 404, "not_found", not_found(q));
        done(&q->super);
        return false;
    }
    memcpy(q->id, r->param.data, r->param.len);
    return true;
}

void rule_request_look(struct rule_request *q, struct request *r, const char *action)
{
    const struct slice none = {NULL, 0};
    const struct audit_event event = {.action = action,
                                      .resource_type = q->kind,
                                      .resource_id = *q->id ? slice_of(q->id) : none,
                                      .read = true};

    query_job_audit(&q->super, r, &event);
    query_job_start(&q->super, r);
}

void rule_request_begin(struct rule_request *q, struct request *r)
{
    int64_t now_ms = clock_wall_ms();

    uuid_v7(now_ms, q->id);
    BSON_APPEND_UTF8(q->doc, "_id", q->id);
    BSON_APPEND_UTF8(q->doc, "kind", q->kind);
    bson_append_utf8(q->doc, "tenant", -1, r->tenant.data, (int)r->tenant.len);
    BSON_APPEND_DATE_TIME(q->doc, "createdAt", now_ms);
    BSON_APPEND_DATE_TIME(q->doc, "updatedAt", now_ms);
    BSON_APPEND_UTF8(q->doc, "state", "accepted");
    BSON_APPEND_INT64(q->doc, "changed", 0);
    BSON_APPEND_INT64(q->doc, "scanned", 0);
}

static void match(const struct rule_request *q, bson_t *filter)
{
    bson_append_utf8(filter, "tenant", -1, q->super.tenant.data, (int)q->super.tenant.len);
    BSON_APPEND_UTF8(filter, "kind", q->kind);
}

static enum result find(struct rule_request *q, bson_t **ret, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_UTF8(&filter, "_id", q->id);
    match(q, &filter);
    result = rule_store_find(q->super.gateway->store, RULES_COLLECTION, &filter, ret, err);
    bson_destroy(&filter);
    return result;
}

enum result rule_request_insert(struct rule_request *q, struct err *err)
{
    struct store_write write = {
        .collection = RULES_COLLECTION, .verb = STORE_INSERT, .change = q->doc};
    enum result result = query_job_limit(&q->super, &write.limit_ms, err);

    return result == OK ? store_write(q->super.gateway->store, &write, NULL, err) : result;
}

void rule_request_show(struct query_job *job)
{
    struct rule_request *q = (struct rule_request *)job;
    bson_t *rule = NULL;
    struct err err;
    enum result result = find(q, &rule, &err);

    if (result != OK) {
        query_job_fail(job, result, &err);
    } else if (!rule) {
        job->answer.status = 404;
        job->answer.code = "not_found";
        job->answer.message = not_found(q);
    } else {
        job->answer.status = 200;
        buf_add_text(&job->answer.body, "{\"success\":true,\"data\":");
        rule_json_add(&job->answer.body, rule);
        buf_add_char(&job->answer.body, '}');
    }
    bson_destroy(rule);
}

struct listing {
    struct buf *body;
    size_t count;
};

static bool add_rule(void *ctx, const bson_t *doc)
{
    struct listing *l = ctx;

    if (l->count++ > 0)
        buf_add_char(l->body, ',');
    rule_json_add(l->body, doc);
    return true;
}

void rule_request_list(struct query_job *job)
{
    struct rule_request *q = (struct rule_request *)job;
    struct listing listing = {.body = &job->answer.body};
    bson_t filter = BSON_INITIALIZER, order = BSON_INITIALIZER;
    struct store_query query = {
        .collection = RULES_COLLECTION, .filter = &filter, .sort = &order, .limit = RULES_LISTED};
    const struct store_rows rows = {add_rule, &listing};
    struct err err;
    enum result result = query_job_limit(job, &query.limit_ms, &err);

    match(q, &filter);
    BSON_APPEND_INT32(&order, "createdAt", -1);
    BSON_APPEND_INT32(&order, "_id", -1);
    job->answer.status = 200;
    buf_add_text(&job->answer.body, "{\"success\":true,\"data\":[");
    if (result == OK)
        result = store_read(job->gateway->store, &query, &rows, &err);
    buf_add_text(&job->answer.body, "]}");
    if (result != OK)
        query_job_fail(job, result, &err);
    bson_destroy(&filter);
    bson_destroy(&order);
}
