/* SPDX-License-Identifier: MIT */
/* open_loop - sends at fixed times, whatever becomes of what was sent before, and measures each
 * from the time that it was due: so a stall shows in the percentiles and does not slow the load
 * down (the "coordinated omission" of closed loops, https://www.youtube.com/watch?v=lJ8ydIuPFeU).
 *
 *     open_loop http PORT - RATE COUNT           POST /api/v1/logs, on 64 connections
 *     open_loop kafka BROKERS TOPIC RATE COUNT   by librdkafka alone, with the gateway's headers
 *
 * prints {"sent":…,"failed":…,"p50_ms":…,"p99_ms":…} */
#include "bench/producer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, COUNT_MAX = 1000000, RATE_MAX = 100000, GIVE_UP_MS = 10000 };

struct run {
    long rate, count, sent, done, failed;
    int64_t began_ns;
    double ms[COUNT_MAX];      /* one per record done */
    int64_t due_ns[COUNT_MAX]; /* one per record sent to Kafka */
};

struct connection {
    int fd;
    int64_t due_ns; /* of the request under way; 0: idle */
    size_t len;
    char answer[4096];
};

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t due_ns(const struct run *r, long n)
{
    return r->began_ns + n * 1000000000LL / r->rate;
}

static void finish(struct run *r, int64_t due, int good)
{
    r->failed += !good;
    r->ms[r->done++] = (double)(now_ns() - due) / 1e6;
}

static int wait_ms(const struct run *r)
{
    int64_t left = r->sent < r->count ? due_ns(r, r->sent) - now_ns() : 1000000;
    return left <= 0 ? 0 : (int)((left + 999999) / 1000000);
}

static int over(const struct run *r)
{
    return r->done == r->count || now_ns() > due_ns(r, r->count) + (int64_t)GIVE_UP_MS * 1000000;
}

static int record(char *out, size_t size, long n)
{
    return snprintf(out, size,
                    "{\"service\":\"auth-service\",\"action\":\"user.login.%ld\",\"userId\":"
                    "\"user-%ld\",\"severity\":\"info\",\"metadata\":{\"ip\":\"192.168.1.%ld\","
                    "\"userAgent\":\"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\"}}",
                    n * 31 % 500, n * 7919 % 100000, n % 250);
}

static int connect_to(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* On an idle connection; false: none is. */
static int post(struct run *r, struct connection *connections)
{
    char body[512], request[1024];
    struct connection *c = connections;

    while (c < connections + CONNECTIONS && c->due_ns)
        c++;
    if (c == connections + CONNECTIONS)
        return 0;
    int body_len = record(body, sizeof body, r->sent);
    int len = snprintf(request, sizeof request,
                       "POST /api/v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                       "application/json\r\nContent-Length: %d\r\n\r\n%s",
                       body_len, body);
    c->due_ns = due_ns(r, r->sent++);
    c->len = 0;
    if (write(c->fd, request, (size_t)len) != len) {
        perror("write");
        exit(1);
    }
    return 1;
}

/* Is the answer whole? Its body is as long as its header says. */
static int is_whole(struct connection *c)
{
    c->answer[c->len] = '\0';
    const char *end = strstr(c->answer, "\r\n\r\n");
    const char *length = strcasestr(c->answer, "content-length:");
    return end && length &&
           c->len >= (size_t)(end + 4 - c->answer) + strtoul(length + 15, NULL, 10);
}

static void take_answer(struct run *r, struct connection *c)
{
    ssize_t got = read(c->fd, c->answer + c->len, sizeof c->answer - 1 - c->len);

    if (got <= 0) {
        fprintf(stderr, "the gateway has closed a connection\n");
        exit(1);
    }
    c->len += (size_t)got;
    if (!is_whole(c))
        return;
    finish(r, c->due_ns, strncmp(c->answer, "HTTP/1.1 202", 12) == 0);
    c->due_ns = 0;
}

static void run_http(struct run *r, const char *port)
{
    static struct connection connections[CONNECTIONS];
    struct pollfd wait[CONNECTIONS];

    for (int i = 0; i < CONNECTIONS; i++) {
        connections[i].fd = connect_to(port);
        wait[i] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
    }
    r->began_ns = now_ns();
    while (!over(r)) {
        while (r->sent < r->count && due_ns(r, r->sent) <= now_ns() && post(r, connections))
            continue;
        poll(wait, CONNECTIONS, wait_ms(r));
        for (int i = 0; i < CONNECTIONS; i++)
            if (wait[i].revents)
                take_answer(r, &connections[i]);
    }
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    (void)rk;
    finish(opaque, *(const int64_t *)m->_private, m->err == RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void produce(struct run *r, rd_kafka_t *rk, rd_kafka_topic_t *topic, uint64_t run)
{
    char value[512], key[32];
    int len = record(value, sizeof value, r->sent);
    int key_len = snprintf(key, sizeof key, "user-%ld", r->sent * 7919 % 100000);
    int64_t *due = &r->due_ns[r->sent];
    const struct produced p = {.key = slice_make(key, (size_t)key_len),
                               .value = slice_make(value, (size_t)len),
                               .tenant = slice_of("default"),
                               .run = run,
                               .n = (uint64_t)r->sent,
                               .opaque = due};

    *due = due_ns(r, r->sent++);
    rd_kafka_error_t *error = producer_send(rk, topic, &p);
    if (error)
        finish(r, *due, 0);
    rd_kafka_error_destroy(error);
}

static void run_kafka(struct run *r, const char *brokers, const char *topic)
{
    rd_kafka_t *rk = producer_new(brokers, "1", on_delivery, r);
    rd_kafka_topic_t *to = rd_kafka_topic_new(rk, topic, NULL);
    const struct rd_kafka_metadata *known;
    uint64_t run = producer_run();

    /* Connected first, as the gateway is. */
    if (rd_kafka_metadata(rk, 1, NULL, &known, GIVE_UP_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(known);
    r->began_ns = now_ns();
    while (!over(r)) {
        while (r->sent < r->count && due_ns(r, r->sent) <= now_ns())
            produce(r, rk, to, run);
        rd_kafka_poll(rk, wait_ms(r));
    }
    rd_kafka_topic_destroy(to);
    rd_kafka_destroy(rk);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static struct run r;

    r.rate = argc == 6 ? atol(argv[4]) : 0;
    r.count = argc == 6 ? atol(argv[5]) : 0;
    if (r.rate <= 0 || r.rate > RATE_MAX || r.count < 100 || r.count > COUNT_MAX) {
        fprintf(stderr, "usage: open_loop http PORT - RATE COUNT\n"
                        "       open_loop kafka BROKERS TOPIC RATE COUNT\n");
        return 64;
    }
    if (strcmp(argv[1], "http") == 0)
        run_http(&r, argv[2]);
    else
        run_kafka(&r, argv[2], argv[3]);
    r.failed += r.count - r.done;
    qsort(r.ms, (size_t)r.done, sizeof *r.ms, ascending);
    printf("{\"sent\":%ld,\"failed\":%ld,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", r.sent, r.failed,
           r.ms[r.done / 2], r.ms[r.done * 99 / 100]);
    return 0;
}
