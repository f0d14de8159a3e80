/* SPDX-License-Identifier: MIT */
#include "gateway/server.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "gateway/listen.h"
#include "gateway/loop.h"
#include "gateway/meters.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    LOOPS_MAX = 128,
    REQUEST_TIMEOUT_MS = 10000, /* headers and body; also how long a connection may idle */
    SPILL_BYTES = 1024 * 1024,  /* a request larger than this waits in a file, not in memory */
    SPARE_DESCRIPTORS = 256,    /* for everything that is no client's connection */
    DRAIN_GRACE_MS = 5000,      /* from the drain's deadline to the last connection's end */
};

struct server {
    struct gateway *gateway;
    h2o_globalconf_t config;
    atomic_size_t open_connections;
    size_t loop_count;
    struct loop loops[];
};

/* A loop for two cores: the client of Kafka and the kernel's network keep the other busy, and fewer
 * producers send fewer, larger requests. On two cores one loop acknowledged 1.3 times as many
 * single records as two, at 0.84 of the time for each (docs/benchmarks.md). */
static size_t worker_count(const struct settings *settings)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    long n = settings->workers > 0 ? (long)settings->workers : (cores + 1) / 2;
    if (n < 1)
        return 1;
    return n > LOOPS_MAX ? LOOPS_MAX : (size_t)n;
}

static void configure(struct server *s)
{
    h2o_config_init(&s->config);
    s->config.server_name = h2o_iovec_init(H2O_STRLIT(""));
    /* A body somewhat too large is read whole, so that its 413 leaves the connection usable. */
    s->config.max_request_entity_size = 2 * (size_t)s->gateway->settings->max_body_bytes;
    s->config.http1.req_timeout = REQUEST_TIMEOUT_MS;
    s->config.http1.upgrade_to_http2 = 0;
    h2o_socket_buffer_mmap_settings.threshold = SPILL_BYTES;
    h2o_hostconf_t *host =
        h2o_config_register_host(&s->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    requests_register(&host->fallback_path);
    library_errors_register(&host->fallback_path);
}

/* As many connections as MAX_CONNECTIONS says, but no more than there are descriptors for. */
static size_t connection_limit(const struct settings *settings)
{
    size_t wanted = (size_t)settings->max_connections;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return wanted;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    size_t spare = SPARE_DESCRIPTORS;
    size_t have = files.rlim_cur > 2 * spare ? files.rlim_cur - spare : spare;
    if (have >= wanted)
        return wanted;
    log_warn("MAX_CONNECTIONS=%zu needs more descriptors than the system gives, taking %zu", wanted,
             have);
    return have;
}

static enum result take_port(struct server *s, int64_t port, size_t slot, struct err *err)
{
    int fds[LOOPS_MAX];
    for (size_t i = 0; i < LOOPS_MAX; i++)
        fds[i] = -1;
    enum result result =
        port == 0 ? OK : listen_shared(s->gateway->settings->host, port, fds, s->loop_count, err);
    for (size_t i = 0; i < s->loop_count; i++)
        s->loops[i].listen_fds[slot] = fds[i];
    return result;
}

static enum result init_loops(struct server *s, struct err *err)
{
    const struct settings *settings = s->gateway->settings;
    size_t limit = connection_limit(settings);
    enum result result = take_port(s, settings->port, 0, err);
    if (result == OK)
        result = take_port(s, settings->ingest_port, 1, err);
    for (size_t i = 0; result == OK && i < s->loop_count; i++) {
        s->loops[i].max_connections = limit;
        s->loops[i].open_connections = &s->open_connections;
        result = loop_init(&s->loops[i], s->gateway, &s->config, err);
    }
    return result;
}

enum result server_new(struct gateway *gateway, struct server **ret, struct err *err)
{
    size_t count = worker_count(gateway->settings);
    AUTO(server) s = mem_zalloc(sizeof *s + count * sizeof s->loops[0]);
    s->gateway = gateway;
    s->loop_count = count;
    for (size_t i = 0; i < count; i++)
        for (size_t slot = 0; slot < LISTENERS; slot++)
            s->loops[i].listen_fds[slot] = -1;
    configure(s);
    enum result result = init_loops(s, err);
    if (result == OK)
        *ret = TAKE(s);
    return result;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->loop_count; i++)
        loop_finish(&s->loops[i]);
    h2o_config_dispose(&s->config);
    free(s);
}

static bool all_drained(const struct server *s)
{
    for (size_t i = 0; i < s->loop_count; i++)
        if (!atomic_load(&s->loops[i].drained))
            return false;
    return true;
}

static void drain(struct server *s)
{
    health_drain(s->gateway->health);
    for (size_t i = 0; i < s->loop_count; i++)
        loop_drain(&s->loops[i]);
    int64_t deadline_ms = clock_mono_ms() + s->gateway->settings->drain_timeout_ms + DRAIN_GRACE_MS;
    while (!all_drained(s) && clock_mono_ms() < deadline_ms)
        clock_sleep_ms(5);
    if (!all_drained(s))
        log_warn("%zu connections did not end in time, leaving them",
                 atomic_load(&s->open_connections));
}

void server_run(struct server *s)
{
    const struct settings *settings = s->gateway->settings;
    for (size_t i = 0; i < s->loop_count; i++)
        loop_start(&s->loops[i]);
    log_info("listening on %s:%d with %zu loops", settings->host, (int)settings->port,
             s->loop_count);
    struct pollfd stop = {.fd = stop_fd(), .events = POLLIN};
    while (!stop_requested())
        poll(&stop, 1, -1);
    log_info("stopping, draining for at most %d ms", (int)settings->drain_timeout_ms);
    drain(s);
}

struct producer *server_producer(struct server *s)
{
    return s->loops[0].producer;
}
