/* SPDX-License-Identifier: MIT */
/* DESIGN: libh2o answers a body that is too large and closes at once; bytes that the client sent
 * meanwhile make the kernel reset the connection, and many clients then never see the answer. So we
 * keep a duplicate of the descriptor, read and drop what comes until the client has finished, a
 * time-out or a number of bytes, and close that last. */
#include "gateway/loop.h"

#include "common/mem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { LINGER_MAX_BYTES = 64 * 1024 * 1024 };

struct lingering {
    h2o_linklist_t link;
    h2o_timeout_entry_t timeout;
    h2o_socket_t *sock;
    struct connection *connection; /* NULL once h2o has closed it */
    size_t bytes;
};

static void end(struct lingering *g)
{
    if (g->connection)
        g->connection->linger = NULL;
    h2o_linklist_unlink(&g->link);
    h2o_timeout_unlink(&g->timeout);
    h2o_socket_close(g->sock);
    free(g);
}

static void on_timeout(h2o_timeout_entry_t *entry)
{
    end(H2O_STRUCT_FROM_MEMBER(struct lingering, timeout, entry));
}

static void on_read(h2o_socket_t *sock, const char *err)
{
    struct lingering *g = sock->data;
    g->bytes += sock->input->size;
    h2o_buffer_consume(&sock->input, sock->input->size);
    if (err || g->bytes > LINGER_MAX_BYTES)
        end(g);
}

void linger_start(struct connection *c)
{
    int fd = c->linger ? -1 : fcntl(h2o_socket_get_fd(c->sock), F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return;
    struct lingering *g = mem_zalloc(sizeof *g);
    g->connection = c;
    g->sock = h2o_evloop_socket_create(c->loop->evloop, fd, 0);
    g->sock->data = g;
    g->timeout.cb = on_timeout;
    c->linger = g;
    h2o_linklist_insert(&c->loop->lingering, &g->link);
    h2o_timeout_link(c->loop->evloop, &c->loop->linger_timeout, &g->timeout);
    h2o_socket_read_start(g->sock, on_read);
}

void linger_closed(struct connection *c)
{
    c->linger->connection = NULL;
    shutdown(h2o_socket_get_fd(c->linger->sock), SHUT_WR);
    c->linger = NULL;
}

void linger_end_all(struct loop *l)
{
    for (h2o_linklist_t *at = l->lingering.next, *next; at != &l->lingering; at = next) {
        next = at->next;
        end(H2O_STRUCT_FROM_MEMBER(struct lingering, link, at));
    }
}
