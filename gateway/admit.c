/* SPDX-License-Identifier: MIT */
#include "gateway/admit.h"

#include "common/clock.h"
#include "gateway/access.h"
#include "gateway/loop.h"
#include "gateway/rate_limit.h"
#include "schemas/record.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

static const char default_tenant[] = "default";

/* --- how often --- */

static void add_number(struct request *r, const char *name, int64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)n);
    answer_header(r, name, slice_of(text));
}

/* An IPv6 client commands a /64 at least. */
static struct slice address_of(const h2o_req_t *req, struct sockaddr_storage *address)
{
    memset(address, 0, sizeof *address);
    req->conn->callbacks->get_peername(req->conn, (struct sockaddr *)address);
    if (address->ss_family == AF_INET6)
        return slice_make(&((struct sockaddr_in6 *)address)->sin6_addr, 8);
    return slice_make(&((struct sockaddr_in *)address)->sin_addr, 4);
}

static bool within_rate(struct request *r, int64_t per_minute)
{
    struct sockaddr_storage address;
    bool ingest = r->route && r->route->scope == SCOPE_INGEST;
    bool limited = r->route ? r->route->scope != SCOPE_NONE /* operators' endpoints have no limit */
                            : r->path.len >= 5 && memcmp(r->path.data, "/api/", 5) == 0;

    if (per_minute == 0 || !limited)
        return true;
    struct slice client = r->key_id.data ? r->key_id : address_of(r->req, &address);
    struct rate_verdict v =
        rate_limit_take(r->loop->gateway->rate_limit, client, ingest, per_minute, clock_mono_ms());
    add_number(r, "ratelimit-limit", v.limit);
    add_number(r, "ratelimit-remaining", v.remaining);
    add_number(r, "ratelimit-reset", v.reset_s);
    if (v.allowed)
        return true;
    add_number(r, "retry-after", v.reset_s);
    answer_error(r, 429, "rate_limited", "Too Many Requests");
    return false;
}

bool admit_lost(struct request *r)
{
    return within_rate(r, r->loop->gateway->settings->max_requests_per_minute);
}

/* --- who --- */

/* Guessing counts against the address. */
static bool refuse_unknown(struct request *r, const char *challenge, const char *message)
{
    if (!admit_lost(r))
        return false;
    answer_header(r, "www-authenticate", slice_of(challenge));
    answer_error(r, 401, "unauthorized", message);
    return false;
}

static bool refuse_forbidden(struct request *r, const char *message)
{
    answer_error(r, 403, "forbidden", message);
    return false;
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && s.data[0] == ' ')
        s = slice_make(s.data + 1, s.len - 1);
    while (s.len > 0 && s.data[s.len - 1] == ' ')
        s.len--;
    return s;
}

/* `Authorization: Bearer …`, else X-API-Key, since a proxy may have an Authorization of its own. */
static struct slice presented_key(const struct request *r)
{
    static const char scheme[] = "Bearer ";
    struct slice value = request_header(r, "authorization");

    if (value.len >= sizeof scheme - 1 && strncasecmp(value.data, scheme, sizeof scheme - 1) == 0)
        return trim(slice_make(value.data + sizeof scheme - 1, value.len - sizeof scheme + 1));
    value = request_header(r, "x-api-key");
    return value.data ? trim(value) : value;
}

/* The set of keys may be replaced while the request waits. */
static struct slice keep(struct request *r, const char *text)
{
    h2o_iovec_t copy = h2o_strdup(&r->req->pool, text, SIZE_MAX);
    return slice_make(copy.base, copy.len);
}

static bool admit_key(struct request *r)
{
    static const char *const needed[] = {
        [SCOPE_INGEST] = "This key lacks the scope ingest",
        [SCOPE_READ] = "This key lacks the scope read",
        [SCOPE_ADMIN] = "This key lacks the scope admin",
    };
    struct slice text = presented_key(r), asked = request_header(r, "x-tenant-id");
    int64_t now_ms = clock_wall_ms();

    if (!text.data)
        return refuse_unknown(r, "Bearer", "An API key is required");
    const struct api_key *key = access_find(r->loop->access, text, now_ms);
    if (!key && !access_is_current(r->loop->gateway->access)) {
        answer_error(r, 503, "store_unavailable",
                     "This API key is not known here, and the document store is not available");
        return false;
    }
    if (!key || api_key_expired(key, now_ms))
        return refuse_unknown(r, "Bearer error=\"invalid_token\"", "The API key is not valid");
    r->tenant = keep(r, key->tenant);
    r->key_id = keep(r, key->id);
    if (!api_key_has(key, r->route->scope))
        return refuse_forbidden(r, needed[r->route->scope]);
    if (asked.data && !slice_eq(asked, r->tenant))
        return refuse_forbidden(r, "X-Tenant-Id is not the tenant of this key");
    return true;
}

/* Under AUTH=none anyone may name a tenant. */
static bool admit_anyone(struct request *r)
{
    struct slice asked = request_header(r, "x-tenant-id");

    r->tenant = asked.data ? asked : slice_of(default_tenant);
    if (tenant_valid(r->tenant))
        return true;
    struct faults faults = {0};
    faults_add(&faults, slice_of("X-Tenant-Id"),
               "\"X-Tenant-Id\" fails to match the required pattern: /^[A-Za-z0-9._-]{1,64}$/");
    answer_faults(r, &faults);
    faults_done(&faults);
    return false;
}

bool admit_is_operator(const struct request *r)
{
    return !r->key_id.data || slice_is(r->tenant, default_tenant);
}

bool admit_still(const struct request *r)
{
    return !r->key_id.data || access_still_good(r->loop->access, r->key_id, clock_wall_ms());
}

bool admit(struct request *r)
{
    bool keys = r->loop->gateway->settings->auth[0] == 'k';

    if (keys && r->route->scope == SCOPE_NONE) {
        r->tenant = slice_of(default_tenant);
        return true;
    }
    return (keys ? admit_key(r) : admit_anyone(r)) &&
           within_rate(r, access_limit(r->loop->access, r->tenant));
}
