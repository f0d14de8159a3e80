/* SPDX-License-Identifier: MIT */
/* tail.h - the enriched topic, live, for any number of listeners of this process: one thread with
 * one consumer, which runs while anyone listens.
 *
 * A listener gets what is committed after it went live, filtered, already rendered, in a queue of
 * TAIL_QUEUE_BYTES, or of one log; what does not fit is counted, and it is told how many. It hears
 * a sign of life every TAIL_ALIVE_MS. Nothing of an erased user is passed on. */
#pragma once

#include "common/auto.h"
#include "gateway/http.h"
#include "gateway/tail_event.h"
#include "schemas/selection.h"

enum { TAIL_LISTENERS_MAX = 1000, TAIL_QUEUE_BYTES = 64 * 1024, TAIL_ALIVE_MS = 15000 };

struct tail;

/* Starts its thread, which makes no consumer yet. `g` is borrowed until _free. */
struct tail *tail_new(struct gateway *g);
void tail_free(struct tail *t); /* while the loops still run */
DEFINE_AUTO(tail)

/* Embed it, zeroed but for the first part, which does not change while it listens. */
struct tail_listener {
    struct slice tenant;
    const struct selection *selection;
    enum tail_format format;
    /* On the tail's thread, which holds its lock: post yourself to your loop, there to call
     * tail_take. Not called again before that. */
    void (*wake)(struct tail_listener *l);
    /* the tail's */
    h2o_linklist_t _link;
    struct buf _queue;
    uint64_t _dropped;
    int64_t _spoke_ms;
    bool _woken;
};

size_t tail_count(struct tail *t);                       /* of listeners */
bool tail_join(struct tail *t, struct tail_listener *l); /* false: there are too many */
/* True when a wake is under way, so that the listener must live until it arrives. */
bool tail_leave(struct tail *t, struct tail_listener *l);
/* Replaces `out` by what waits for the listener. Being woken at all means that it is live. */
void tail_take(struct tail *t, struct tail_listener *l, struct buf *out);
