/* SPDX-License-Identifier: MIT */
#include "gateway/loop.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "gateway/access.h"
#include "gateway/audit.h"
#include "gateway/audit_reads.h"
#include "gateway/flight.h"
#include "gateway/stream.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    TURN_MS = 500, /* the longest sleep of a loop: it beats for /livez once a turn */
    BEAT_LIMIT_MS = 10000,
    LINGER_MS = 5000,
    DRAIN_TICK_MS = 20,
    SCRATCH_KEPT = 1024 * 1024, /* memory for a large request is given back after it */
};

static void on_inbox(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    while (!h2o_linklist_is_empty(messages)) {
        struct loop_task *task =
            H2O_STRUCT_FROM_MEMBER(struct loop_task, _super.link, messages->next);
        h2o_linklist_unlink(&task->_super.link);
        task->run(task);
    }
}

void loop_post(struct loop *loop, struct loop_task *task)
{
    h2o_multithread_send_message(&loop->inbox, &task->_super);
}

static void on_reports(h2o_socket_t *sock, const char *err)
{
    struct loop *l = sock->data;
    if (!err)
        producer_poll(l->producer);
}

static void on_broken(void *ctx, const char *error)
{
    struct loop *l = ctx;
    log_error("the Kafka producer is broken, stopping to be started again: %s", error);
    atomic_store(&l->gateway->exit_code, EXIT_FAILURE);
    stop_request();
}

static void on_drain_tick(h2o_timeout_entry_t *entry);

enum result loop_init(struct loop *l, struct gateway *gateway, h2o_globalconf_t *config,
                      struct err *err)
{
    struct producer_events events = {flight_reported, on_broken, l};
    l->gateway = gateway;
    l->config = config;
    l->watch = health_watch(gateway->health, "loop", BEAT_LIMIT_MS);
    sem_init(&l->opened, 0, 0);
    l->access = access_reader_new(gateway->access);
    l->audit_reads = audit_reads_new();
    return producer_new(gateway->settings, &events, &l->producer, err);
}

/* On the loop's own thread, since h2o's buffers remember the thread that made them. */
static void open_loop(struct loop *l)
{
    const struct settings *s = l->gateway->settings;
    l->evloop = h2o_evloop_create();
    h2o_context_init(&l->context, l->evloop, l->config);
    l->accept = (h2o_accept_ctx_t){.ctx = &l->context, .hosts = l->config->hosts};
    h2o_multithread_register_receiver(l->context.queue, &l->inbox, on_inbox);
    h2o_linklist_init_anchor(&l->connections);
    h2o_linklist_init_anchor(&l->requests);
    h2o_linklist_init_anchor(&l->streams);
    h2o_linklist_init_anchor(&l->lingering);
    h2o_timeout_init(l->evloop, &l->ack_timeout, (uint64_t)s->ack_timeout_ms);
    h2o_timeout_init(l->evloop, &l->linger_timeout, LINGER_MS);
    h2o_timeout_init(l->evloop, &l->drain_tick, DRAIN_TICK_MS);
    l->drain.cb = on_drain_tick;
    l->reports = h2o_evloop_socket_create(l->evloop, dup(producer_fd(l->producer)), 0);
    l->reports->data = l;
    h2o_socket_dont_read(l->reports, 1);
    h2o_socket_read_start(l->reports, on_reports);
}

static void listen_on(struct loop *l)
{
    for (size_t i = 0; i < LISTENERS; i++) {
        if (l->listen_fds[i] < 0)
            continue;
        l->listeners[i] = h2o_evloop_socket_create(l->evloop, l->listen_fds[i], 0);
        l->listen_fds[i] = -1;
        l->listeners[i]->data = l;
        h2o_socket_dont_read(l->listeners[i], 1);
        h2o_socket_read_start(l->listeners[i], connection_on_accept);
    }
}

static void stop_listening(struct loop *l)
{
    for (size_t i = 0; i < LISTENERS; i++) {
        if (l->listeners[i])
            h2o_socket_close(l->listeners[i]);
        l->listeners[i] = NULL;
    }
}

static void trim(struct buf *b)
{
    if (b->cap > SCRATCH_KEPT)
        buf_done(b);
}

static void give_back_memory(struct loop *l)
{
    trim(&l->body);
    trim(&l->text);
    batch_trim(&l->batch, SCRATCH_KEPT);
}

static void close_loop(struct loop *l)
{
    stop_listening(l);
    linger_end_all(l);
    h2o_socket_close(l->reports);
    producer_free(TAKE(l->producer));
    flights_free(l);
    h2o_multithread_unregister_receiver(l->context.queue, &l->inbox);
    h2o_timeout_unlink(&l->drain);
    h2o_timeout_dispose(l->evloop, &l->ack_timeout);
    h2o_timeout_dispose(l->evloop, &l->linger_timeout);
    h2o_timeout_dispose(l->evloop, &l->drain_tick);
    h2o_context_dispose(&l->context);
    h2o_evloop_destroy(l->evloop);
    batch_done(&l->batch);
    buf_done(&l->body);
    buf_done(&l->text);
}

static void *run(void *arg)
{
    struct loop *l = arg;
    pthread_setname_np(pthread_self(), "loop");
    open_loop(l);
    listen_on(l);
    sem_post(&l->opened);
    while (!atomic_load(&l->stop)) {
        h2o_evloop_run(l->evloop, TURN_MS);
        health_beat(l->gateway->health, l->watch);
        give_back_memory(l);
        audit_flush(l, false);
    }
    /* A connection that even a cut-off did not end still holds on to all of this. */
    if (h2o_linklist_is_empty(&l->connections))
        close_loop(l);
    return NULL;
}

void loop_start(struct loop *l)
{
    h2o_multithread_create_thread(&l->thread, NULL, run, l);
    l->started = true;
    while (sem_wait(&l->opened) != 0)
        continue; /* a signal's business */
}

/* Idle connections go at once; what is under way may finish until the deadline, when what still
 * waits is told 503 and the rest is cut off. */
static void on_drain_tick(h2o_timeout_entry_t *entry)
{
    struct loop *l = H2O_STRUCT_FROM_MEMBER(struct loop, drain, entry);
    int64_t late_ms = clock_mono_ms() - l->drain_deadline_ms;
    if (late_ms < 0) {
        connections_close_idle(l);
    } else {
        requests_cancel(l);
        linger_end_all(l);
    }
    if (late_ms > 0)
        connections_abort(l);
    audit_flush(l, true);
    bool empty = h2o_linklist_is_empty(&l->connections);
    if (empty && (late_ms >= 0 || producer_pending(l->producer) == 0))
        atomic_store(&l->drained, true);
    else
        h2o_timeout_link(l->evloop, &l->drain_tick, &l->drain);
}

struct drain_task {
    struct loop_task super;
    struct loop *loop;
};

static void begin_drain(struct loop_task *task)
{
    struct loop *l = ((struct drain_task *)task)->loop;
    free(task);
    connections_accept_queued(l);
    stop_listening(l);
    /* h2o_context_request_shutdown would also start HTTP/2's timer, which must not outlive us. */
    l->context.shutdown_requested = 1;
    l->drain_deadline_ms = clock_mono_ms() + l->gateway->settings->drain_timeout_ms;
    streams_drain(l);
    on_drain_tick(&l->drain);
}

void loop_drain(struct loop *l)
{
    struct drain_task *task = mem_alloc(sizeof *task);
    *task = (struct drain_task){{.run = begin_drain}, l};
    loop_post(l, &task->super);
}

static void on_stop(struct loop_task *task)
{
    free(task);
}

static void join(struct loop *l)
{
    struct loop_task *task = mem_alloc(sizeof *task);
    *task = (struct loop_task){.run = on_stop};
    atomic_store(&l->stop, true);
    loop_post(l, task); /* wakes it */
    pthread_join(l->thread, NULL);
}

void loop_finish(struct loop *l)
{
    if (l->started)
        join(l);
    else
        producer_free(TAKE(l->producer));
    for (size_t i = 0; i < LISTENERS; i++)
        if (l->listen_fds[i] >= 0)
            close(l->listen_fds[i]);
    access_reader_free(l->access);
    audit_reads_free(l->audit_reads);
    sem_destroy(&l->opened);
}
