/* SPDX-License-Identifier: MIT */
/* /api/v1/admin/retention: for how many days the tenant's logs are kept, by service and severity.
 * Indexers follow a change with their next batch; what is stored already is brought in line by
 * a job (rule_jobs.c). */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/handlers.h"
#include "gateway/query_job.h"
#include "gateway/retention_body.h"
#include "gateway/rule_json.h"
#include "gateway/rule_store.h"

#include <stdio.h>
#include <stdlib.h>

enum { ID_MAX = 80 };

struct retention_job {
    struct query_job super;
    bson_t setting; /* of a PUT: what to set */
};

static void done(struct query_job *super)
{
    struct retention_job *job = (struct retention_job *)super;

    query_job_done(super);
    bson_destroy(&job->setting);
    free(job);
}

static void name(struct slice tenant, char id[ID_MAX])
{
    snprintf(id, ID_MAX, "retention/%.*s", SLICE_ARG(tenant));
}

static void show(struct query_job *super)
{
    bson_t *setting = NULL, *job = NULL;
    char id[ID_MAX];
    struct err err;
    enum result result;

    name(super->tenant, id);
    result = rule_store_find_id(super->gateway->store, SETTINGS_COLLECTION, id, &setting, &err);
    if (result == OK)
        result = rule_store_find_id(super->gateway->store, RULES_COLLECTION, id, &job, &err);
    if (result == OK) {
        super->answer.status = 200;
        buf_add_text(&super->answer.body, "{\"success\":true,\"data\":");
        rule_json_add_retention(&super->answer.body, setting, job,
                                super->gateway->settings->retention_days);
        buf_add_char(&super->answer.body, '}');
    } else {
        query_job_fail(super, result, &err);
    }
    bson_destroy(setting);
    bson_destroy(job);
}

static enum result upsert(struct query_job *super, const char *collection, const bson_t *change,
                          struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_write write = {
        .collection = collection, .verb = STORE_UPSERT, .filter = &filter, .change = change};
    char id[ID_MAX];
    enum result result = query_job_limit(super, &write.limit_ms, err);

    name(super->tenant, id);
    BSON_APPEND_UTF8(&filter, "_id", id);
    if (result == OK)
        result = store_write(super->gateway->store, &write, NULL, err);
    if (result == REJECT) /* two that came first at once: now it is there */
        result = store_write(super->gateway->store, &write, NULL, err);
    bson_destroy(&filter);
    return result;
}

static enum result set_setting(struct retention_job *job, struct err *err)
{
    bson_t change = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_DOCUMENT(&change, "$set", &job->setting);
    result = upsert(&job->super, SETTINGS_COLLECTION, &change, err);
    bson_destroy(&change);
    return result;
}

/* Begins the job, from the start if one is under way. */
static enum result set_job(struct query_job *super, struct err *err)
{
    bson_t change = BSON_INITIALIZER, set, unset;
    int64_t now_ms = clock_wall_ms();
    enum result result;

    BSON_APPEND_DOCUMENT_BEGIN(&change, "$set", &set);
    BSON_APPEND_UTF8(&set, "kind", "retention");
    bson_append_utf8(&set, "tenant", -1, super->tenant.data, (int)super->tenant.len);
    BSON_APPEND_DATE_TIME(&set, "createdAt", now_ms);
    BSON_APPEND_DATE_TIME(&set, "updatedAt", now_ms);
    BSON_APPEND_UTF8(&set, "state", "accepted");
    BSON_APPEND_INT64(&set, "changed", 0);
    BSON_APPEND_INT64(&set, "scanned", 0);
    bson_append_document_end(&change, &set);
    BSON_APPEND_DOCUMENT_BEGIN(&change, "$unset", &unset);
    BSON_APPEND_UTF8(&unset, "finishedAt", "");
    BSON_APPEND_UTF8(&unset, "to", "");
    bson_append_document_end(&change, &unset);
    result = upsert(super, RULES_COLLECTION, &change, err);
    bson_destroy(&change);
    return result;
}

static void put(struct query_job *super)
{
    struct err err;
    enum result result = set_setting((struct retention_job *)super, &err);

    if (result == OK)
        result = set_job(super, &err);
    if (result == OK)
        show(super);
    else
        query_job_fail(super, result, &err);
}

static void append_rule(bson_t *list, uint32_t nth, const struct retention_rule *rule)
{
    bson_t item;
    char text[16];
    const char *key;
    size_t len = bson_uint32_to_string(nth, &key, text, sizeof text);

    bson_append_document_begin(list, key, (int)len, &item);
    if (rule->service.data)
        bson_append_utf8(&item, "service", -1, rule->service.data, (int)rule->service.len);
    if (rule->has_severity)
        BSON_APPEND_UTF8(&item, "severity", severity_name(rule->severity));
    BSON_APPEND_INT64(&item, "days", rule->days);
    bson_append_document_end(list, &item);
}

static void write_setting(bson_t *out, struct slice tenant, const struct retention_body *body)
{
    bson_t list;

    BSON_APPEND_UTF8(out, "kind", "retention-setting");
    bson_append_utf8(out, "tenant", -1, tenant.data, (int)tenant.len);
    BSON_APPEND_INT64(out, "days", body->days);
    BSON_APPEND_ARRAY_BEGIN(out, "rules", &list);
    for (size_t i = 0; i < body->count; i++)
        append_rule(&list, (uint32_t)i, &body->rules[i]);
    bson_append_array_end(out, &list);
    BSON_APPEND_DATE_TIME(out, "updatedAt", clock_wall_ms());
}

static struct retention_job *job_new(void (*work)(struct query_job *super))
{
    struct retention_job *job = mem_zalloc(sizeof *job);

    job->super.work = work;
    job->super.done = done;
    bson_init(&job->setting);
    return job;
}

void get_retention(struct request *r)
{
    struct retention_job *job = job_new(show);
    const struct audit_event event = {.action = "retention.read",
                                      .resource_type = "retention",
                                      .resource_id = r->tenant,
                                      .read = true};

    query_job_audit(&job->super, r, &event);
    query_job_start(&job->super, r);
}

void put_retention(struct request *r)
{
    struct admin_body body;
    struct retention_body retention;
    struct retention_job *job;

    if (!admin_body_read(r, &body))
        return;
    retention_body_read(&body, &retention);
    if (!admin_body_settle(r, &body))
        return;
    const struct audit_event event = {.action = "retention.update",
                                      .resource_type = "retention",
                                      .resource_id = r->tenant,
                                      .metadata = body.root.raw};
    job = job_new(put);
    query_job_audit(&job->super, r, &event);
    write_setting(&job->setting, r->tenant, &retention);
    query_job_start(&job->super, r);
    admin_body_done(&body);
}
