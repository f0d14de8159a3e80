/* SPDX-License-Identifier: MIT */
#include "gateway/loop.h"

#include "common/clock.h"
#include "common/ident.h"
#include "common/mem.h"
#include "gateway/listen.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPTS_A_TURN = 64,
    STALLED_MS = 30000, /* a peer that takes no byte of its answer for so long is gone */
    IDLE_MS = 250,      /* a client that sent nothing for so long may be left while draining */
};

static struct connection *connection_at(h2o_linklist_t *link)
{
    return H2O_STRUCT_FROM_MEMBER(struct connection, link, link);
}

struct connection *connection_of(h2o_conn_t *conn)
{
    return conn->callbacks->get_socket(conn)->on_close.data;
}

static void on_close(void *data)
{
    struct connection *c = data;
    if (c->linger)
        linger_closed(c);
    h2o_linklist_unlink(&c->link);
    atomic_fetch_sub(c->loop->open_connections, 1);
    free(c);
}

/* Written as it is: there is no request to answer, and none is waited for. */
static void refuse_connection(h2o_socket_t *sock)
{
    char id[UUID_LEN], body[160], answer[400];
    uuid_v7(clock_wall_ms(), id);
    int len = snprintf(body, sizeof body,
                       "{\"success\":false,\"error\":\"Too many connections\","
                       "\"code\":\"rate_limited\",\"requestId\":\"%.*s\"}",
                       UUID_LEN, id);
    len = snprintf(answer, sizeof answer,
                   "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; "
                   "charset=utf-8\r\nContent-Length: %d\r\nRetry-After: 1\r\n"
                   "Connection: close\r\n\r\n%s",
                   len, body);
    ssize_t sent = send(h2o_socket_get_fd(sock), answer, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)sent; /* closing says enough when even this does not fit */
    h2o_socket_close(sock);
}

static void begin(struct loop *l, h2o_socket_t *sock, bool ingest_only)
{
    if (atomic_fetch_add(l->open_connections, 1) >= l->max_connections) {
        atomic_fetch_sub(l->open_connections, 1);
        refuse_connection(sock);
        return;
    }
    unsigned stalled_ms = STALLED_MS;
    setsockopt(h2o_socket_get_fd(sock), IPPROTO_TCP, TCP_USER_TIMEOUT, &stalled_ms,
               sizeof stalled_ms);
    struct connection *c = mem_zalloc(sizeof *c);
    c->loop = l;
    c->sock = sock;
    c->ingest_only = ingest_only;
    c->idle_since_ms = clock_mono_ms();
    h2o_linklist_insert(&l->connections, &c->link);
    sock->on_close.cb = on_close;
    sock->on_close.data = c;
    h2o_accept(&l->accept, sock);
}

static void accept_up_to(int count, h2o_socket_t *listener)
{
    struct loop *l = listener->data;
    for (int i = 0; i < count; i++) {
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
        if (!sock)
            return;
        begin(l, sock, listener == l->listeners[1]);
    }
}

void connection_on_accept(h2o_socket_t *listener, const char *err)
{
    if (!err)
        accept_up_to(ACCEPTS_A_TURN, listener);
}

/* Closing a listening socket resets the connections in its queue, whose clients may have sent a
 * request already. */
void connections_accept_queued(struct loop *l)
{
    for (size_t i = 0; i < LISTENERS; i++)
        if (l->listeners[i])
            accept_up_to(LISTEN_BACKLOG, l->listeners[i]);
}

/* A client in the middle of its work gets the time to send its next request, whose answer then
 * says "Connection: close". Half-closing lets a request that is in the kernel's buffer already
 * still be read and answered. */
void connections_close_idle(struct loop *l)
{
    int64_t now_ms = clock_mono_ms();
    for (h2o_linklist_t *at = l->connections.next; at != &l->connections; at = at->next) {
        struct connection *c = connection_at(at);
        if (!c->busy && c->sock->input->size == 0 && now_ms - c->idle_since_ms >= IDLE_MS)
            shutdown(h2o_socket_get_fd(c->sock), SHUT_RD);
    }
}

void connections_abort(struct loop *l)
{
    for (h2o_linklist_t *at = l->connections.next; at != &l->connections; at = at->next)
        shutdown(h2o_socket_get_fd(connection_at(at)->sock), SHUT_RDWR);
}
