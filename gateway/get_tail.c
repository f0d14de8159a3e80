/* SPDX-License-Identifier: MIT */
/* GET /api/v1/logs/tail: logs as they are processed, as Server-Sent Events, or as NDJSON for who
 * accepts that. The answer begins once the tail is live: what is sent after its headers have come
 * is not missed.
 *
 * While a client does not take what it is sent, its listener is not emptied, and drops. */
#include "common/mem.h"
#include "gateway/admit.h"
#include "gateway/handlers.h"
#include "gateway/loop.h"
#include "gateway/stream.h"
#include "gateway/tail.h"

#include <stdlib.h>

static const char *const content_types[] = {[TAIL_SSE] = "text/event-stream; charset=utf-8",
                                            [TAIL_NDJSON] = "application/x-ndjson; charset=utf-8"};

struct tailing {
    struct tail_listener listener;
    struct tail *tail;
    struct loop *loop;
    struct selection selection;
    struct buf tenant, taken;
    struct loop_task task;
    struct pending pending;
    h2o_timeout_entry_t timeout; /* while it waits to be live */
    struct request *request;     /* while there is a stream */
    struct stream *stream;
    bool over;  /* has left the tail; a wake is under way */
    bool heard; /* woken while the client was busy taking */
};

static void destroy(struct tailing *t)
{
    selection_done(&t->selection);
    buf_done(&t->tenant);
    buf_done(&t->taken);
    free(t);
}

static void leave(struct tailing *t)
{
    h2o_timeout_unlink(&t->timeout);
    t->stream = NULL;
    t->over = tail_leave(t->tail, &t->listener) && !t->heard;
    if (!t->over)
        destroy(t);
}

static void on_timeout(h2o_timeout_entry_t *entry)
{
    struct tailing *t = H2O_STRUCT_FROM_MEMBER(struct tailing, timeout, entry);
    struct request *r = pending_take(&t->pending);

    if (r)
        answer_error(r, 503, "kafka_unavailable", "Kafka does not answer");
    leave(t);
}

static void on_cancel(struct pending *p)
{
    struct tailing *t = H2O_STRUCT_FROM_MEMBER(struct tailing, pending, p);

    answer_error(pending_take(p), 503, "internal", "The gateway is shutting down");
    leave(t);
}

static void pass_on(struct tailing *t)
{
    t->heard = false;
    tail_take(t->tail, &t->listener, &t->taken);
    stream_write(t->stream, buf_slice(&t->taken));
}

static void on_ready(void *ctx)
{
    struct tailing *t = ctx;
    if (t->heard)
        pass_on(t);
}

static void on_gone(void *ctx)
{
    leave(ctx);
}

static void on_drain(void *ctx)
{
    struct tailing *t = ctx;
    struct stream *s = t->stream;

    leave(t);
    stream_end(s);
}

/* False: the client has left meanwhile. */
static bool begin(struct tailing *t)
{
    struct stream_events events = {on_ready, on_gone, on_drain, t};

    h2o_timeout_unlink(&t->timeout);
    t->request = pending_take(&t->pending);
    if (!t->request)
        return false;
    answer_header(t->request, "cache-control", slice_of("no-store"));
    answer_header(t->request, "x-accel-buffering", slice_of("no"));
    t->stream = stream_begin(t->request, content_types[t->listener.format], &events);
    tail_event_alive(&t->taken, t->listener.format);
    stream_write(t->stream, buf_slice(&t->taken));
    return true;
}

static void on_woken(struct loop_task *task)
{
    struct tailing *t = H2O_STRUCT_FROM_MEMBER(struct tailing, task, task);

    t->heard = true; /* no wake is under way any more */
    if (t->over) {
        destroy(t);
    } else if (!t->stream && !begin(t)) {
        leave(t);
    } else if (!admit_still(t->request)) {
        on_drain(t);
    } else if (stream_waiting(t->stream) == 0) {
        pass_on(t);
    }
}

static void wake(struct tail_listener *l)
{
    struct tailing *t = H2O_STRUCT_FROM_MEMBER(struct tailing, listener, l);
    loop_post(t->loop, &t->task);
}

static enum tail_format format_of(const struct request *r)
{
    struct slice accept = request_header(r, "accept");
    bool lines = accept.data && memmem(accept.data, accept.len, "application/x-ndjson", 20);
    return lines ? TAIL_NDJSON : TAIL_SSE;
}

static void start(struct tailing *t, struct request *r)
{
    struct gateway *g = loop_gateway(r->loop);

    t->tail = g->tail;
    t->loop = r->loop;
    buf_add_slice(&t->tenant, r->tenant);
    t->task.run = on_woken;
    t->timeout.cb = on_timeout;
    t->pending.cancel = on_cancel;
    t->listener = (struct tail_listener){.tenant = buf_slice(&t->tenant),
                                         .selection = &t->selection,
                                         .format = format_of(r),
                                         .wake = wake};
    if (!tail_join(t->tail, &t->listener)) {
        answer_error(r, 503, "rate_limited", "Too many clients follow the log");
        destroy(t);
        return;
    }
    pending_arm(&t->pending, r);
    h2o_timeout_link(r->loop->evloop, &r->loop->ack_timeout, &t->timeout);
}

void get_tail(struct request *r)
{
    struct tailing *t = mem_zalloc(sizeof *t);
    struct faults faults = {0};
    bool good = selection_read(&t->selection, r->query, &faults) == OK;

    if (good && !slice_is(slice_make(r->req->method.base, r->req->method.len), "HEAD")) {
        start(t, r);
    } else {
        if (good)
            answer_bytes(r, 200, content_types[format_of(r)], slice_of(""));
        else
            answer_faults(r, &faults);
        destroy(t);
    }
    faults_done(&faults);
}
