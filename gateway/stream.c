/* SPDX-License-Identifier: MIT */
#include "gateway/stream.h"

#include "gateway/answers.h"
#include "gateway/loop.h"

#include <assert.h>

/* In the request's pool. libh2o asks for more (`proceed`) once it has handed over what it got, so
 * `sending` must stand still until then; meanwhile what is written gathers in `waiting`. */
struct stream {
    h2o_generator_t super;
    h2o_req_t *req;
    struct stream_events events;
    struct buf sending, waiting;
    bool busy, ended, broken;
    h2o_linklist_t link; /* in the loop's streams */
};

static void send_waiting(struct stream *s)
{
    struct buf sent = s->sending;

    s->sending = s->waiting;
    s->waiting = sent;
    buf_clear(&s->waiting);
    s->busy = true;
    h2o_iovec_t bytes = h2o_iovec_init(s->sending.data, s->sending.len);
    h2o_send_state_t state = s->ended ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS;
    h2o_send(s->req, &bytes, bytes.len > 0 ? 1 : 0, s->broken ? H2O_SEND_STATE_ERROR : state);
}

static void on_proceed(h2o_generator_t *super, h2o_req_t *req)
{
    struct stream *s = (struct stream *)super;

    (void)req;
    s->busy = false;
    buf_clear(&s->sending);
    if (s->waiting.len > 0 || s->ended)
        send_waiting(s);
    else
        s->events.ready(s->events.ctx);
}

/* What is to be done when a client has left is done by on_dispose. */
static void on_stop(h2o_generator_t *super, h2o_req_t *req)
{
    (void)super;
    (void)req;
}

static void on_dispose(void *data)
{
    struct stream *s = data;

    h2o_linklist_unlink(&s->link);
    buf_done(&s->sending);
    buf_done(&s->waiting);
    if (!s->ended)
        s->events.gone(s->events.ctx);
}

struct stream *stream_begin(struct request *r, const char *content_type,
                            const struct stream_events *events)
{
    struct stream *s = h2o_mem_alloc_shared(&r->req->pool, sizeof *s, on_dispose);

    *s = (struct stream){.super = {on_proceed, on_stop}, .req = r->req, .events = *events};
    h2o_linklist_insert(&r->loop->streams, &s->link);
    answer_begin(r, 200, content_type);
    h2o_start_response(r->req, &s->super);
    return s;
}

void stream_write(struct stream *s, struct slice bytes)
{
    assert(!s->ended);
    buf_add_slice(&s->waiting, bytes);
    if (!s->busy && s->waiting.len > 0)
        send_waiting(s);
}

size_t stream_waiting(const struct stream *s)
{
    return s->waiting.len + (s->busy ? s->sending.len : 0);
}

void stream_end(struct stream *s)
{
    s->ended = true;
    if (!s->busy)
        send_waiting(s);
}

void stream_break(struct stream *s)
{
    s->broken = true;
    stream_end(s);
}

void streams_drain(struct loop *l)
{
    for (h2o_linklist_t *at = l->streams.next, *next; at != &l->streams; at = next) {
        struct stream *s = H2O_STRUCT_FROM_MEMBER(struct stream, link, at);
        next = at->next;
        if (!s->ended && s->events.drain)
            s->events.drain(s->events.ctx);
    }
}
