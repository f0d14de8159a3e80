/* SPDX-License-Identifier: MIT */
#include "gateway/http.h"

#include "common/clock.h"
#include "common/percent.h"
#include "gateway/admit.h"
#include "gateway/answers.h"
#include "gateway/framing.h"
#include "gateway/loop.h"
#include "gateway/meters.h"
#include "gateway/routes.h"

#include <assert.h>
#include <stdio.h>

static const char allow_headers[] = "Content-Type, Content-Encoding, Authorization, X-API-Key, "
                                    "X-Tenant-Id, X-Request-Id, Idempotency-Key, traceparent";

struct gateway *loop_gateway(struct loop *loop)
{
    return loop->gateway;
}

struct slice request_header(const struct request *r, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&r->req->headers, name, strlen(name), -1);
    const h2o_token_t *token = at < 0 ? h2o_lookup_token(name, strlen(name)) : NULL;
    if (token)
        at = h2o_find_header(&r->req->headers, token, -1);
    if (at < 0)
        return (struct slice){NULL, 0};
    h2o_iovec_t value = r->req->headers.entries[at].value;
    return slice_make(value.base, value.len);
}

/* libh2o stops reading from an HTTP/1 connection while its request is worked on: for an answer that
 * comes later these are two epoll_ctl, a tenth of the time that a single record takes. libh2o tells
 * epoll only what has changed once per turn of the loop, so we read on, of nothing (the request
 * lies in the connection's buffer), and stop just before the answer starts it again. A client that
 * sends or leaves meanwhile ends this for its request. */
static void on_early_bytes(h2o_socket_t *sock, const char *err)
{
    (void)err;
    h2o_socket_read_stop(sock);
}

static h2o_socket_t *http1_socket(const struct request *r)
{
    return r->req->version < 0x200 ? connection_of(r->req->conn)->sock : NULL;
}

static void stay_polled(const struct request *r)
{
    h2o_socket_t *sock = http1_socket(r);
    if (!sock || h2o_socket_is_reading(sock))
        return;
    h2o_socket_dont_read(sock, 1);
    h2o_socket_read_start(sock, on_early_bytes);
}

static void end_stay(const struct request *r)
{
    h2o_socket_t *sock = http1_socket(r);
    if (!sock)
        return;
    h2o_socket_dont_read(sock, 0);
    if (h2o_socket_is_reading(sock))
        h2o_socket_read_stop(sock);
}

void pending_arm(struct pending *p, struct request *r)
{
    assert(!r->_pending);
    p->_request = r;
    r->_pending = p;
    stay_polled(r);
}

struct request *pending_take(struct pending *p)
{
    struct request *r = p->_request;
    p->_request = NULL;
    if (!r)
        return NULL;
    r->_pending = NULL;
    end_stay(r);
    return r;
}

/* h2o frees the request: its connection is gone, or its answer is sent. */
static void on_dispose(void *data)
{
    struct request *r = data;
    if (r->_pending)
        r->_pending->_request = NULL;
    h2o_linklist_unlink(&r->_link);
    struct connection *c = connection_of(r->req->conn);
    c->busy = false;
    c->idle_since_ms = clock_mono_ms();
}

void requests_cancel(struct loop *l)
{
    for (h2o_linklist_t *at = l->requests.next, *next; at != &l->requests; at = next) {
        struct request *r = H2O_STRUCT_FROM_MEMBER(struct request, _link, at);
        struct pending *p = r->_pending;
        next = at->next;
        if (p && p->cancel)
            p->cancel(p);
        else if (p && pending_take(p))
            answer_error(r, 503, "internal", "The gateway is shutting down");
    }
}

static struct request *request_new(h2o_req_t *req, struct connection *c)
{
    struct request *r = h2o_mem_alloc_shared(&req->pool, sizeof *r, on_dispose);
    *r = (struct request){.req = req, .loop = c->loop, .started_us = clock_mono_us()};
    c->busy = true;
    h2o_linklist_insert(&c->loop->requests, &r->_link);
    r->id = request_id_settle(req);
    size_t path_len = req->query_at == SIZE_MAX ? req->input.path.len : req->query_at;
    r->path = slice_make(req->input.path.base, path_len);
    if (req->query_at != SIZE_MAX)
        r->query =
            slice_make(req->input.path.base + path_len + 1, req->input.path.len - path_len - 1);
    return r;
}

static void settle_param(struct request *r, struct slice encoded)
{
    if (!encoded.data)
        return;
    AUTO_BUF text = {0};
    percent_decode(&text, encoded, false);
    h2o_iovec_t copy = h2o_strdup(&r->req->pool, text.data, text.len);
    r->param = slice_make(copy.base, copy.len);
}

/* Another method than the path has: a browser's question, or a mistake. */
static void answer_other_method(struct request *r, const char *allow)
{
    char methods[80];
    snprintf(methods, sizeof methods, "%s, OPTIONS", allow);
    answer_header(r, "allow", slice_of(methods));
    if (!slice_is(slice_make(r->req->method.base, r->req->method.len), "OPTIONS")) {
        answer_error(r, 405, "method_not_allowed", "Method Not Allowed");
        return;
    }
    answer_header(r, "access-control-allow-methods", slice_of(methods));
    answer_header(r, "access-control-allow-headers", slice_of(allow_headers));
    answer_header(r, "access-control-max-age", slice_of("600"));
    answer_bytes(r, 204, "", slice_of(""));
}

/* The head lies at the beginning of the connection's buffer until the request is over; libh2o does
 * not hand on the fields that frame it. */
static bool is_framed(const struct connection *c, const h2o_req_t *req)
{
    const h2o_buffer_t *in = c->sock->input;

    return !req->entity.base || req->version >= 0x200 ||
           framing_is_clear(slice_make(in->bytes, in->size));
}

/* Nobody knows where the next request would begin, so there is none. */
static void refuse_framing(struct request *r, struct connection *c)
{
    r->req->http1_is_persistent = 0;
    linger_start(c);
    answer_error(r, 400, "validation_error",
                 "The end of the body is not clear: send one Content-Length, or one "
                 "Transfer-Encoding: chunked");
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct connection *c = connection_of(req->conn);
    struct request *r = request_new(req, c);
    struct route_match match;
    if (!is_framed(c, req)) {
        refuse_framing(r, c);
        return 0;
    }
    route_find(slice_make(req->method.base, req->method.len), r->path, c->ingest_only, &match);
    r->route = match.route;
    if (!(match.route ? admit(r) : admit_lost(r)))
        return 0;
    if (match.route) {
        settle_param(r, match.param);
        match.route->handle(r);
    } else if (match.allow[0] != '\0') {
        answer_other_method(r, match.allow);
    } else {
        answer_no_such_path(r);
    }
    return 0;
}

void requests_register(h2o_pathconf_t *path)
{
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;
}
