/* SPDX-License-Identifier: MIT */
/* POST /api/v1/admin/keys: a new key of the caller's tenant, shown this once. It is good here when
 * the answer is sent, and on other gateways ACCESS_EVERY_MS later. */
#include "common/clock.h"
#include "common/iso8601.h"
#include "common/log.h"
#include "common/mem.h"
#include "gateway/access.h"
#include "gateway/admin_body.h"
#include "gateway/handlers.h"
#include "gateway/key_json.h"
#include "gateway/loop.h"
#include "gateway/query_job.h"

#include <openssl/crypto.h>
#include <stdlib.h>

enum { SCOPES_MAX = 3 };

struct key_job {
    struct query_job super;
    struct admin_body body; /* what `order` points into */
    struct key_order order;
    struct buf created_by;
    char key[KEY_LEN + 1];
};

static void done(struct query_job *super)
{
    struct key_job *job = (struct key_job *)super;

    if (super->answer.body.data)
        OPENSSL_cleanse(super->answer.body.data, super->answer.body.len);
    query_job_done(super);
    admin_body_done(&job->body);
    buf_done(&job->created_by);
    OPENSSL_cleanse(job, sizeof *job);
    free(job);
}

static void work(struct query_job *super)
{
    struct key_job *job = (struct key_job *)super;
    struct gateway *g = super->gateway;
    struct buf *body = &super->answer.body;
    int64_t limit_ms;
    struct err err;

    job->order.tenant = super->tenant;
    enum result result = query_job_limit(super, &limit_ms, &err);
    if (result == OK)
        result = key_store_insert(g->store, &job->order, limit_ms, &err);
    if (result != OK) {
        query_job_fail(super, result, &err);
        return;
    }
    access_reload(g->access, g->store, &err); /* when it fails, the next one in two seconds */
    super->answer.status = 201;
    buf_reserve(body, 1024 + 6 * job->order.name.len); /* so that no copy of the key stays behind */
    buf_add_text(body, "{\"success\":true,\"data\":");
    key_json_add_made(body, &job->order, slice_make(job->key, KEY_LEN));
    buf_add_char(body, '}');
}

/* --- the body --- */

static unsigned read_scopes(struct admin_body *body)
{
    static const char *const names[] = {"ingest", "read", "admin", NULL};
    struct json_value list = admin_require(body, body->root, "scopes", "scopes"), name;
    unsigned scopes = 0;
    char path[24];
    int i = 0;

    if (!admin_array(body, list, "scopes", 1, SCOPES_MAX))
        return 0;
    for (struct json_iter it = json_iter(list); json_next(&it, NULL, &name); i++) {
        snprintf(path, sizeof path, "scopes[%d]", i);
        int choice = admin_choice(body, name, path, names);
        scopes |= choice < 0 ? 0 : 1u << (SCOPE_INGEST + choice);
    }
    return scopes;
}

static int64_t read_expiry(struct admin_body *body, int64_t now_ms)
{
    static const char path[] = "expiresAt";
    struct slice text = admin_text(body, admin_member(body->root, path), path, 1, 64);
    int64_t ms;

    if (!text.data)
        return 0;
    if (!iso8601_parse(text, &ms))
        faults_add(&body->faults, slice_of(path), "\"%s\" must be in ISO 8601 date format", path);
    else if (ms <= now_ms)
        faults_add(&body->faults, slice_of(path), "\"%s\" must be greater than \"now\"", path);
    else
        return ms;
    return 0;
}

/* False: answered. */
static bool read_order(struct request *r, struct key_job *job)
{
    static const char *const known[] = {"name", "scopes", "tenant", "expiresAt", NULL};
    struct admin_body *body = &job->body;
    struct key_order *order = &job->order;

    if (!admin_body_read(r, body))
        return false;
    order->created_ms = clock_wall_ms();
    order->name =
        admin_text(body, admin_require(body, body->root, "name", "name"), "name", 1, KEY_NAME_MAX);
    order->scopes = read_scopes(body);
    struct slice tenant = admin_text(body, admin_member(body->root, "tenant"), "tenant", 1, 64);
    order->expires_ms = read_expiry(body, order->created_ms);
    admin_only(body, body->root, "", known);
    if (!admin_body_settle(r, body))
        return false;
    if (!tenant.data || slice_eq(tenant, r->tenant))
        return true;
    answer_error(r, 403, "forbidden", "Keys can be made for the tenant of the caller alone");
    return false;
}

static bool make_key(struct request *r, struct key_job *job)
{
    AUTO(key_hasher) hasher = key_hasher_new();
    struct slice text = {job->key, KEY_LEN};
    struct err err;

    if (api_key_make(job->key, &err) != OK) {
        log_warn("no key is made, answering 500: %s", err.text);
        answer_error(r, 500, "internal", "Internal Server Error");
        return false;
    }
    api_key_parse(text, &job->order.id);
    key_hash(hasher, text, job->order.hash);
    if (r->key_id.data) {
        buf_add_slice(&job->created_by, r->key_id);
        job->order.created_by = buf_slice(&job->created_by);
    }
    return true;
}

static void audit(struct key_job *job, const struct request *r)
{
    const struct key_order *order = &job->order;
    AUTO_BUF metadata = {0};

    buf_add_text(&metadata, "{\"name\":");
    buf_add_json(&metadata, order->name);
    buf_add_text(&metadata, ",\"scopes\":");
    scopes_render(order->scopes, &metadata);
    buf_add_char(&metadata, '}');
    const struct audit_event event = {.action = "key.create",
                                      .resource_type = "key",
                                      .resource_id = order->id,
                                      .metadata = buf_slice(&metadata)};
    query_job_audit(&job->super, r, &event);
}

/* False: answered. */
static bool has_room(struct request *r)
{
    if (!access_is_full(r->loop->access))
        return true;
    answer_error(r, 403, "forbidden", "There are as many keys as a gateway keeps: revoke some");
    return false;
}

void post_key(struct request *r)
{
    struct key_job *job = mem_zalloc(sizeof *job);

    job->super.work = work;
    job->super.done = done;
    if (!has_room(r) || !read_order(r, job) || !make_key(r, job)) {
        done(&job->super);
        return;
    }
    audit(job, r);
    answer_header(r, "cache-control", slice_of("no-store"));
    query_job_start(&job->super, r);
}
