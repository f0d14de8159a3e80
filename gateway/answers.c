/* SPDX-License-Identifier: MIT */
#include "gateway/answers.h"

#include "common/clock.h"
#include "common/ident.h"
#include "gateway/loop.h"
#include "gateway/meters.h"
#include "schemas/record.h"

#include <stdio.h>

static const char retry_after_s[] = "1";
static const char id_header[] = "x-request-id";
static const char no_content_policy[] = "default-src 'none'; frame-ancestors 'none'";

static const char exposed_headers[] = "X-Request-Id, Retry-After, RateLimit-Limit, "
                                      "RateLimit-Remaining, RateLimit-Reset, Link";

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Payload Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

static void add_header(h2o_req_t *req, const char *name, struct slice value)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 0, NULL, value.data,
                          value.len);
}

struct slice request_id_settle(h2o_req_t *req)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, H2O_STRLIT(id_header), -1);
    if (at >= 0) {
        h2o_iovec_t sent = req->headers.entries[at].value;
        struct slice id = {sent.base, sent.len};
        size_t head = id.len < RECORD_ID_MAX ? id.len : RECORD_ID_MAX;
        bool valid = id.len <= REQUEST_ID_MAX && id_valid(slice_make(id.data, head)) &&
                     (id.len == head || id_valid(slice_make(id.data + head, id.len - head)));
        if (valid)
            return id;
    }
    char *made = h2o_mem_alloc_pool(&req->pool, UUID_LEN);
    struct timeval now = *h2o_get_timestamp(req->conn->ctx, NULL, NULL);
    uuid_v7((int64_t)now.tv_sec * 1000 + now.tv_usec / 1000, made);
    return slice_make(made, UUID_LEN);
}

bool answer_is_ours(const h2o_req_t *req)
{
    return h2o_find_header_by_str(&req->res.headers, H2O_STRLIT(id_header), -1) >= 0;
}

/* For a page of another origin. The longest header of all goes to nobody else: a client in
 * JavaScript spends a good part of its time on reading the headers of answers. */
static void add_cors_headers(h2o_req_t *req, const char *allowed_origin)
{
    if (allowed_origin[0] == '\0')
        return;
    add_header(req, "access-control-allow-origin", slice_of(allowed_origin));
    if (allowed_origin[0] != '*')
        add_header(req, "vary", slice_of("Origin"));
    if (h2o_find_header_by_str(&req->headers, H2O_STRLIT("origin"), -1) >= 0)
        add_header(req, "access-control-expose-headers", slice_of(exposed_headers));
}

/* The browser must not guess types, run or frame anything. */
static void add_common_headers(h2o_req_t *req, const struct settings *settings, struct slice id,
                               const char *content_policy)
{
    add_header(req, id_header, id);
    add_header(req, "content-security-policy", slice_of(content_policy));
    add_header(req, "x-content-type-options", slice_of("nosniff"));
    add_header(req, "referrer-policy", slice_of("no-referrer"));
    add_cors_headers(req, settings->cors_origin);
}

/* Error texts may quote a client's bytes, which need not be UTF-8. */
static void add_json_text(struct buf *out, const char *text)
{
    AUTO_BUF clean = {0};
    for (; *text; text++) {
        bool plain = *text >= ' ' && *text <= '~';
        buf_add(&clean, plain ? text : "?", 1);
    }
    buf_add_json(out, buf_slice(&clean));
}

static void add_error(struct buf *out, const char *code, const char *message, struct slice id)
{
    buf_add_text(out, "{\"success\":false,\"error\":");
    add_json_text(out, message);
    buf_add_text(out, ",\"code\":\"");
    buf_add_text(out, code);
    buf_add_text(out, "\",\"requestId\":");
    buf_add_json(out, id);
}

h2o_iovec_t answer_for_library(h2o_req_t *req, int status, const char *code)
{
    struct gateway *g = connection_of(req->conn)->loop->gateway;
    struct slice id = request_id_settle(req);
    AUTO_BUF body = {0};
    add_error(&body, code, reason_of(status), id);
    buf_add_char(&body, '}');

    req->res.headers = (h2o_headers_t){NULL};
    req->res.reason = reason_of(status);
    req->res.content_length = body.len;
    add_header(req, "content-type", slice_of("application/json; charset=utf-8"));
    add_common_headers(req, g->settings, id, no_content_policy);
    meters_request(g->meters, NULL, status, 0);
    return h2o_strdup(&req->pool, body.data, body.len);
}

void answer_header(struct request *r, const char *name, struct slice value)
{
    h2o_iovec_t copy = h2o_strdup(&r->req->pool, value.data, value.len);
    add_header(r->req, name, slice_make(copy.base, copy.len));
}

void answer_begin(struct request *r, int status, const char *content_type)
{
    h2o_req_t *req = r->req;
    struct gateway *g = r->loop->gateway;
    req->res.status = status;
    req->res.reason = reason_of(status);
    if (status != 204 && status != 304)
        add_header(req, "content-type", slice_of(content_type));
    add_common_headers(req, g->settings, r->id,
                       r->content_policy ? r->content_policy : no_content_policy);
    if (req->conn->ctx->shutdown_requested)
        req->http1_is_persistent = 0;
    meters_request(g->meters, r->route, status,
                   (double)(clock_mono_us() - r->started_us) / 1000000.0);
}

void answer_bytes(struct request *r, int status, const char *content_type, struct slice body)
{
    if (status != 204 && status != 304)
        r->req->res.content_length = body.len;
    answer_begin(r, status, content_type);
    h2o_send_inline(r->req, body.data, body.len);
}

void answer_json(struct request *r, int status, struct slice json)
{
    answer_bytes(r, status, "application/json; charset=utf-8", json);
}

void answer_error(struct request *r, int status, const char *code, const char *message)
{
    AUTO_BUF body = {0};
    add_error(&body, code, message, r->id);
    if (status == 503)
        answer_header(r, "retry-after", slice_of(retry_after_s));
    buf_add_char(&body, '}');
    answer_json(r, status, buf_slice(&body));
}

void answer_no_such_path(struct request *r)
{
    AUTO_BUF path = {0};
    for (size_t i = 0; i < r->path.len; i++) {
        bool plain = r->path.data[i] > ' ' && r->path.data[i] <= '~';
        buf_printf(&path, plain ? "%c" : "%%%02X", (unsigned char)r->path.data[i]);
    }
    AUTO_BUF body = {0};
    add_error(&body, "not_found", "Not Found", r->id);
    buf_add_text(&body, ",\"path\":");
    buf_add_json(&body, buf_slice(&path));
    buf_add_char(&body, '}');
    answer_json(r, 404, buf_slice(&body));
}

static void answer_details(struct request *r, int status, const struct faults *faults)
{
    AUTO_BUF body = {0};
    add_error(&body, "validation_error", "Validation Error", r->id);
    buf_add_text(&body, ",\"details\":");
    faults_render(faults, 0, &body);
    buf_add_char(&body, '}');
    answer_json(r, status, buf_slice(&body));
}

void answer_faults(struct request *r, const struct faults *faults)
{
    answer_details(r, 400, faults);
}

void answer_conflict(struct request *r, const struct faults *faults)
{
    answer_details(r, 409, faults);
}

void answer_add_ids(struct buf *out, const struct slice *ids, size_t count, bool many)
{
    buf_add_text(out, many ? ",\"logIds\":[" : ",\"logId\":");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        buf_add_json(out, ids[i]);
    }
    if (many)
        buf_add_char(out, ']');
}

void answer_unavailable(struct request *r, const char *message, const struct slice *ids,
                        size_t count, bool many)
{
    AUTO_BUF body = {0};
    add_error(&body, "kafka_unavailable", message, r->id);
    buf_add_text(&body, ",\"retryable\":true");
    answer_add_ids(&body, ids, count, many);
    buf_add_char(&body, '}');
    answer_header(r, "retry-after", slice_of(retry_after_s));
    answer_json(r, 503, buf_slice(&body));
}

void answer_otlp(struct request *r, size_t rejected, struct slice first_fault)
{
    AUTO_BUF body = {0};
    buf_add_text(&body, "{\"partialSuccess\":{");
    if (rejected > 0) {
        buf_printf(&body, "\"rejectedLogRecords\":\"%zu\",\"errorMessage\":", rejected);
        buf_add_json_any(&body, first_fault);
    }
    buf_add_text(&body, "}}");
    answer_json(r, 200, buf_slice(&body));
}
