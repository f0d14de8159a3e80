/* SPDX-License-Identifier: MIT */
/* loop.h - one thread of the gateway: an h2o event loop, its listening sockets, its connections and
 * requests, its producer. All of it belongs to that thread, save what says otherwise. */
#pragma once

#include "gateway/batch.h"
#include "gateway/http.h"
#include "gateway/producer.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { LISTENERS = 2 };

struct loop {
    struct gateway *gateway;
    h2o_globalconf_t *config;
    h2o_loop_t *evloop;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_multithread_receiver_t inbox; /* loop_post */
    h2o_socket_t *listeners[LISTENERS];
    int listen_fds[LISTENERS]; /* -1: none; the second is INGEST_PORT's */
    size_t max_connections;
    atomic_size_t *open_connections; /* of all loops */
    h2o_linklist_t connections;      /* struct connection */
    h2o_linklist_t requests;         /* struct request */
    h2o_linklist_t streams;          /* struct stream */
    h2o_linklist_t lingering;        /* struct lingering */
    struct producer *producer;
    struct access_reader *access;    /* gateway/access.h */
    struct audit_reads *audit_reads; /* gateway/audit_reads.h */
    h2o_socket_t *reports;           /* becomes readable when the producer has reports */
    h2o_timeout_t ack_timeout, linger_timeout, drain_tick;
    h2o_timeout_entry_t drain;
    int64_t drain_deadline_ms; /* monotonic; 0: not draining */
    struct flight *spare_flights;
    int watch; /* health_beat */
    /* Memory used again by every request. */
    struct batch batch;
    struct buf body, text;
    /* From any thread. */
    pthread_t thread;
    sem_t opened;
    bool started;
    atomic_bool drained, stop;
};

/* Makes the producer. `l` is zeroed but for the listening descriptors, which become its own, and
 * what bounds connections; `config` is shared by all loops. All four on the main thread. */
enum result loop_init(struct loop *l, struct gateway *gateway, h2o_globalconf_t *config,
                      struct err *err);
void loop_start(struct loop *l);  /* its thread; returns once it serves */
void loop_drain(struct loop *l);  /* stop listening, finish what is under way; sets `drained` */
void loop_finish(struct loop *l); /* stop, join, free what it holds */

/* connection.c */
struct lingering;
struct connection {
    h2o_linklist_t link;
    struct loop *loop;
    h2o_socket_t *sock;
    bool ingest_only, busy; /* busy: a request has reached its handler and is not answered yet */
    int64_t idle_since_ms;  /* monotonic; when not busy */
    struct lingering *linger;
};
void connection_on_accept(h2o_socket_t *listener, const char *err);
void connections_accept_queued(struct loop *l);
struct connection *connection_of(h2o_conn_t *conn);
void connections_close_idle(struct loop *l);
void connections_abort(struct loop *l);

/* linger.c: goes on reading, for a while, from a client whose request was refused before it was
 * read whole: closing at once would reset the connection and lose the answer. */
void linger_start(struct connection *c);
void linger_closed(struct connection *c); /* h2o has closed its side */
void linger_end_all(struct loop *l);

/* request.c */
void requests_register(h2o_pathconf_t *path);
void requests_cancel(struct loop *l); /* 503 to all that wait */

/* library_errors.c: what libh2o answers by itself, in our words */
void library_errors_register(h2o_pathconf_t *path);
