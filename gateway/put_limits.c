/* SPDX-License-Identifier: MIT */
/* PUT /api/v1/admin/limits {"requestsPerMinute": 100}, or null: none but the service's. A tenant
 * may bind itself tighter than MAX_REQUESTS_PER_MINUTE, never looser. In force here when the answer
 * is sent, and on other gateways ACCESS_EVERY_MS later. */
#include "common/clock.h"
#include "common/mem.h"
#include "gateway/access.h"
#include "gateway/admin_body.h"
#include "gateway/handlers.h"
#include "gateway/limits_json.h"
#include "gateway/query_job.h"
#include "gateway/store.h"

#include <stdlib.h>

enum { LIMIT_MAX = 1000000000 };

static const char field[] = "requestsPerMinute";

struct limits_job {
    struct query_job super;
    int64_t own; /* -1: none */
    bool by_key;
};

static void done(struct query_job *super)
{
    query_job_done(super);
    free(super);
}

static enum result write_limit(struct limits_job *job, struct err *err)
{
    AUTO_BUF id = {0};
    bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, set;
    struct slice tenant = job->super.tenant;
    struct store_write write = {.collection = "settings",
                                .verb = job->own < 0 ? STORE_DELETE : STORE_UPSERT,
                                .filter = &filter,
                                .change = &update};
    enum result result = query_job_limit(&job->super, &write.limit_ms, err);

    buf_printf(&id, "limits/%.*s", SLICE_ARG(tenant));
    bson_append_utf8(&filter, "_id", -1, id.data, (int)id.len);
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set);
    BSON_APPEND_UTF8(&set, "kind", "limits");
    bson_append_utf8(&set, "tenant", -1, tenant.data, (int)tenant.len);
    BSON_APPEND_INT64(&set, field, job->own);
    BSON_APPEND_DATE_TIME(&set, "updatedAt", clock_wall_ms());
    bson_append_document_end(&update, &set);
    if (result == OK)
        result = store_write(job->super.gateway->store, &write, NULL, err);
    bson_destroy(&filter);
    bson_destroy(&update);
    return result;
}

static void work(struct query_job *super)
{
    struct limits_job *job = (struct limits_job *)super;
    int64_t most = super->gateway->settings->max_requests_per_minute;
    struct err err;
    enum result result = write_limit(job, &err);

    if (result == OK)
        result = access_reload(super->gateway->access, super->gateway->store, &err);
    if (result != OK) {
        query_job_fail(super, result, &err);
        return;
    }
    const struct limits_view view = {
        .in_force = job->own < 0 ? most : job->own,
        .own = job->own,
        .most = most,
        .per = job->by_key ? "key" : "address",
    };
    super->answer.status = 200;
    limits_json_add(&super->answer.body, &view);
}

/* False: answered. */
static bool read_limit(struct request *r, int64_t *ret)
{
    static const char *const known[] = {field, NULL};
    int64_t most = loop_gateway(r->loop)->settings->max_requests_per_minute;
    struct admin_body body;

    if (!admin_body_read(r, &body))
        return false;
    struct json_value value = admin_require(&body, body.root, field, field);
    *ret = -1;
    if (value.raw.data && value.type != JSON_NULL)
        *ret = admin_integer(&body, value, field, 1, most > 0 ? most : LIMIT_MAX, -1);
    admin_only(&body, body.root, "", known);
    if (!admin_body_settle(r, &body))
        return false;
    admin_body_done(&body);
    return true;
}

static void audit(struct limits_job *job, const struct request *r)
{
    AUTO_BUF metadata = {0};

    if (job->own < 0)
        buf_printf(&metadata, "{\"%s\":null}", field);
    else
        buf_printf(&metadata, "{\"%s\":%lld}", field, (long long)job->own);
    const struct audit_event event = {.action = "limits.update",
                                      .resource_type = "limits",
                                      .resource_id = r->tenant,
                                      .metadata = buf_slice(&metadata)};
    query_job_audit(&job->super, r, &event);
}

void put_limits(struct request *r)
{
    struct limits_job *job;
    int64_t own;

    if (!read_limit(r, &own))
        return;
    job = mem_zalloc(sizeof *job);
    job->super.work = work;
    job->super.done = done;
    job->own = own;
    job->by_key = r->key_id.data != NULL;
    audit(job, r);
    query_job_start(&job->super, r);
}
