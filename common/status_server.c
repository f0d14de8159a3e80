/* SPDX-License-Identifier: MIT */
/* DESIGN. Everything of h2o lives and dies on the one thread, since its allocators are per thread;
 * status_server_new makes the sockets, so that a port that is taken is an error at start. To stop,
 * an eventfd wakes the loop, and every connection is shut down, not closed: h2o then reads its end
 * and frees it itself. */
#include "common/status_server.h"
#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <h2o.h>

enum { MAX_CONNECTIONS = 100, STACK_BYTES = 2 * 1024 * 1024, BACKLOG = 128, CLOSE_TURNS = 20 };

struct status_server {
    struct health *health;   /* borrowed */
    struct metrics *metrics; /* borrowed */
    int listen_fd;           /* the loop's, once the thread runs */
    int wake_fd;             /* ours; the loop has a copy */
    pthread_t thread;
    bool has_thread, stopping;
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_socket_t *listener, *waker;
    h2o_socket_t *connections[MAX_CONNECTIONS]; /* a free place is NULL */
};

struct handler {
    h2o_handler_t super;
    struct status_server *server;
};

struct answer {
    int status;
    const char *reason, *type;
    struct buf *body;
};

static int send_answer(h2o_req_t *req, const struct answer *a)
{
    bool is_head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
    req->res.status = a->status;
    req->res.reason = a->reason;
    req->res.content_length = a->body->len;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, a->type,
                   strlen(a->type));
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL,
                   H2O_STRLIT("no-store"));
    h2o_send_inline(req, buf_text(a->body), is_head ? 0 : a->body->len);
    return 0;
}

static int send_json(h2o_req_t *req, int status, const char *reason, struct buf *body)
{
    return send_answer(req, &(struct answer){status, reason, "application/json", body});
}

static int send_ready(struct status_server *s, h2o_req_t *req, struct buf *body)
{
    bool is_ready = health_ready(s->health);
    bool is_verbose =
        req->query_at != SIZE_MAX && memmem(req->path.base + req->query_at,
                                            req->path.len - req->query_at, H2O_STRLIT("verbose"));
    health_render_ready(s->health, is_verbose, body);
    return send_json(req, is_ready ? 200 : 503, is_ready ? "OK" : "Service Unavailable", body);
}

static int send_live(struct status_server *s, h2o_req_t *req, struct buf *body)
{
    bool is_live = health_live(s->health);
    health_render_live(s->health, body);
    return send_json(req, is_live ? 200 : 503, is_live ? "OK" : "Service Unavailable", body);
}

static int send_health(struct status_server *s, h2o_req_t *req, struct buf *body)
{
    health_render_health(s->health, body);
    return send_json(req, 200, "OK", body);
}

static int send_metrics(struct status_server *s, h2o_req_t *req, struct buf *body)
{
    metrics_render(s->metrics, body);
    return send_answer(
        req, &(struct answer){200, "OK", "text/plain; version=0.0.4; charset=utf-8", body});
}

static int send_not_found(h2o_req_t *req, struct buf *body)
{
    buf_add_text(body,
                 "{\"success\":false,\"error\":\"Not Found\",\"code\":\"not_found\",\"path\":");
    buf_add_json_any(body, slice_make(req->path_normalized.base, req->path_normalized.len));
    buf_add_char(body, '}');
    return send_json(req, 404, "Not Found", body);
}

static int send_not_allowed(h2o_req_t *req, struct buf *body)
{
    buf_add_text(body, "{\"success\":false,\"error\":\"Method Not Allowed\","
                       "\"code\":\"method_not_allowed\"}");
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_ALLOW, NULL, H2O_STRLIT("GET, HEAD"));
    return send_json(req, 405, "Method Not Allowed", body);
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    static const struct {
        const char *path;
        int (*send)(struct status_server *, h2o_req_t *, struct buf *);
    } routes[] = {{"/health", send_health},
                  {"/livez", send_live},
                  {"/readyz", send_ready},
                  {"/metrics", send_metrics}};
    struct slice path = slice_make(req->path_normalized.base, req->path_normalized.len);
    struct slice method = slice_make(req->method.base, req->method.len);
    AUTO_BUF body = {0};
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!slice_is(path, routes[i].path))
            continue;
        if (!slice_is(method, "GET") && !slice_is(method, "HEAD"))
            return send_not_allowed(req, &body);
        return routes[i].send(((struct handler *)self)->server, req, &body);
    }
    return send_not_found(req, &body);
}

static void on_connection_close(void *data)
{
    h2o_socket_t **place = data;
    *place = NULL;
}

static void on_accept(h2o_socket_t *listener, const char *problem)
{
    struct status_server *s = listener->data;
    h2o_socket_t *sock = problem ? NULL : h2o_evloop_socket_accept(listener);
    if (!sock)
        return;
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (s->connections[i])
            continue;
        s->connections[i] = sock;
        sock->on_close.cb = on_connection_close;
        sock->on_close.data = &s->connections[i];
        h2o_accept(&s->accept, sock);
        return;
    }
    h2o_socket_close(sock); /* one too many */
}

static void on_wake(h2o_socket_t *waker, const char *problem)
{
    (void)problem;
    ((struct status_server *)waker->data)->stopping = true;
}

static h2o_socket_t *watch(struct status_server *s, int fd, h2o_socket_cb cb)
{
    h2o_socket_t *sock = h2o_evloop_socket_create(s->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    sock->data = s;
    h2o_socket_read_start(sock, cb);
    return sock;
}

static void loop_start(struct status_server *s)
{
    h2o_config_init(&s->config);
    s->config.server_name = h2o_iovec_init(H2O_STRLIT("als"));
    s->config.http1.upgrade_to_http2 = 0;
    s->config.max_request_entity_size = 4096;
    h2o_hostconf_t *host =
        h2o_config_register_host(&s->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct handler *handler = (struct handler *)h2o_create_handler(path, sizeof *handler);
    handler->super.on_req = on_request;
    handler->server = s;
    h2o_context_init(&s->context, h2o_evloop_create(), &s->config);
    s->accept = (h2o_accept_ctx_t){.ctx = &s->context, .hosts = s->config.hosts};
    s->listener = watch(s, s->listen_fd, on_accept);
    s->waker = watch(s, fcntl(s->wake_fd, F_DUPFD_CLOEXEC, 0), on_wake);
}

static size_t shut_connections(struct status_server *s)
{
    size_t open = 0;
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (!s->connections[i])
            continue;
        shutdown(h2o_socket_get_fd(s->connections[i]), SHUT_RDWR);
        open++;
    }
    return open;
}

static void loop_end(struct status_server *s)
{
    h2o_socket_close(s->listener);
    h2o_socket_close(s->waker);
    for (int turn = 0; shut_connections(s) > 0 && turn < CLOSE_TURNS; turn++)
        h2o_evloop_run(s->context.loop, 100);
    h2o_evloop_run(s->context.loop, 0); /* frees what was closed */
    h2o_loop_t *loop = s->context.loop;
    h2o_context_dispose(&s->context);
    h2o_config_dispose(&s->config);
    h2o_evloop_destroy(loop);
}

static void *serve(void *arg)
{
    struct status_server *s = arg;
    loop_start(s);
    while (!s->stopping)
        h2o_evloop_run(s->context.loop, 10000);
    loop_end(s);
    return NULL;
}

/* A listening socket of the first address that `host` stands for, or -1 and errno. */
static int listen_on(const char *host, int64_t port)
{
    char service[16];
    struct addrinfo *list = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    snprintf(service, sizeof service, "%ld", port);
    if (getaddrinfo(host, service, &hints, &list) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_listening = fd >= 0 &&
                        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
                        bind(fd, list->ai_addr, list->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
    int saved_errno = errno;
    freeaddrinfo(list);
    if (is_listening)
        return fd;
    if (fd >= 0)
        close(fd);
    errno = saved_errno;
    return -1;
}

static int start_thread(struct status_server *s)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int code = pthread_create(&s->thread, &attributes, serve, s);
    pthread_attr_destroy(&attributes);
    s->has_thread = code == 0;
    return code;
}

enum result status_server_new(const struct settings *settings, struct health *health,
                              struct metrics *metrics, struct status_server **ret, struct err *err)
{
    AUTO(status_server) s = mem_zalloc(sizeof *s);
    *s = (struct status_server){
        .health = health, .metrics = metrics, .listen_fd = -1, .wake_fd = -1};
    if (settings->status_port == 0) {
        *ret = TAKE(s);
        return OK;
    }
    s->listen_fd = listen_on(settings->host, settings->status_port);
    if (s->listen_fd < 0)
        return err_set(err, FATAL, "STATUS_PORT %ld on %s cannot be had: %s", settings->status_port,
                       settings->host, strerror(errno));
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int code = s->wake_fd < 0 ? errno : start_thread(s);
    if (code)
        return err_set(err, FATAL, "no thread for the status server: %s", strerror(code));
    *ret = TAKE(s);
    return OK;
}

void status_server_free(struct status_server *s)
{
    if (!s)
        return;
    if (s->has_thread) {
        (void)!write(s->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
        pthread_join(s->thread, NULL);
    } else if (s->listen_fd >= 0) {
        close(s->listen_fd);
    }
    if (s->wake_fd >= 0)
        close(s->wake_fd);
    free(s);
}
