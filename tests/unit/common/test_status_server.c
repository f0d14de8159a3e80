/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/status_server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 100 }; /* the server's */

struct fixture {
    struct settings *settings;
    struct health *health;
    struct metrics *metrics;
    struct status_server *server;
    int kafka; /* a check */
};

static struct sockaddr_in loopback(int64_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A port that the kernel has just given and taken back. */
static int64_t free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static int start(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err = {""};
    f->health = health_new("activity-log-test");
    f->metrics = metrics_new();
    f->kafka = health_add(f->health, "kafka", true);
    assert_int_equal(settings_new(INDEXER, (char *const[]){NULL}, &f->settings, &err), OK);
    f->settings->status_port = free_port();
    if (status_server_new(f->settings, f->health, f->metrics, &f->server, &err) != OK)
        fail_msg("%s", err.text);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    status_server_free(f->server);
    settings_free(f->settings);
    metrics_free(f->metrics);
    health_free(f->health);
    free(f);
    return 0;
}

static int connect_to(struct fixture *f)
{
    struct sockaddr_in address = loopback(f->settings->status_port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 10},
               sizeof(struct timeval));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that comes until the server closes. */
static void read_all(int fd, struct buf *out)
{
    char chunk[4096];
    for (ssize_t len; (len = recv(fd, chunk, sizeof chunk, 0)) > 0;)
        buf_add(out, chunk, (size_t)len);
    close(fd);
}

static void ask(struct fixture *f, const char *request_line, struct buf *out)
{
    char request[256];
    int fd = connect_to(f);
    snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             request_line);
    send_text(fd, request);
    buf_clear(out);
    read_all(fd, out);
}

static void assert_answer(struct fixture *f, const char *request_line, const char *start_of_answer,
                          const char *body)
{
    AUTO_BUF out = {0};
    ask(f, request_line, &out);
    const char *text = buf_text(&out);
    const char *end_of_head = strstr(text, "\r\n\r\n");
    if (strncmp(text, start_of_answer, strlen(start_of_answer)) != 0 || !end_of_head)
        fail_msg("%s: %s", request_line, text);
    if (body)
        assert_string_equal(end_of_head + 4, body);
}

TEST(readiness_follows_the_checks)
{
    struct fixture *f = *state;
    assert_answer(f, "GET /readyz", "HTTP/1.1 503 ", "{\"status\":\"unavailable\"}");
    health_set(f->health, f->kafka, true, "ok");
    assert_answer(f, "GET /readyz", "HTTP/1.1 200 ", "{\"status\":\"ready\"}");
    assert_answer(f, "GET /readyz?verbose", "HTTP/1.1 200 ",
                  "{\"status\":\"ready\",\"checks\":[{\"name\":\"kafka\",\"ok\":true,"
                  "\"required\":true,\"detail\":\"ok\"}]}");
    health_drain(f->health);
    assert_answer(f, "GET /readyz", "HTTP/1.1 503 ", "{\"status\":\"draining\"}");
}

TEST(liveness_follows_the_workers)
{
    struct fixture *f = *state;
    assert_answer(f, "GET /livez", "HTTP/1.1 200 ", "{\"status\":\"live\"}");
    health_watch(f->health, "loop", -1);
    assert_answer(f, "GET /livez", "HTTP/1.1 503 ",
                  "{\"status\":\"stalled\",\"stalled\":[\"loop\"]}");
}

TEST(health_is_json)
{
    AUTO_BUF out = {0};
    ask(*state, "GET /health", &out);
    assert_memory_equal(buf_text(&out), "HTTP/1.1 200 ", 13);
    assert_non_null(strstr(out.data, "\r\ncontent-type: application/json\r\n"));
    assert_non_null(
        strstr(out.data, "\r\n\r\n{\"status\":\"healthy\",\"service\":\"activity-log-test\","));
}

TEST(metrics_are_prometheus_text)
{
    struct fixture *f = *state;
    AUTO_BUF out = {0};
    metric_add(metrics_counter(f->metrics, "als_a_total", "A.", NULL), 3);
    ask(f, "GET /metrics", &out);
    assert_memory_equal(buf_text(&out), "HTTP/1.1 200 ", 13);
    assert_non_null(strstr(out.data, "\r\ncontent-type: text/plain; version=0.0.4; "));
    assert_non_null(strstr(out.data, "\nals_a_total 3\n"));
    assert_non_null(strstr(out.data, "\nprocess_open_fds "));
}

TEST(head_is_get_without_the_body)
{
    AUTO_BUF out = {0};
    ask(*state, "HEAD /livez", &out);
    assert_memory_equal(buf_text(&out), "HTTP/1.1 200 ", 13);
    assert_non_null(strstr(out.data, "\r\nContent-Length: 17\r\n"));
    assert_memory_equal(out.data + out.len - 4, "\r\n\r\n", 4);
}

TEST(other_paths_and_methods_are_refused_in_json)
{
    struct fixture *f = *state;
    assert_answer(f, "GET /no\"pe?x=1", "HTTP/1.1 404 ",
                  "{\"success\":false,\"error\":\"Not Found\",\"code\":\"not_found\",\"path\":"
                  "\"/no\\\"pe\"}");
    assert_answer(f, "POST /metrics", "HTTP/1.1 405 ",
                  "{\"success\":false,\"error\":\"Method Not Allowed\",\"code\":"
                  "\"method_not_allowed\"}");
    AUTO_BUF out = {0};
    ask(f, "DELETE /health", &out);
    assert_non_null(strstr(buf_text(&out), "\r\nallow: GET, HEAD\r\n"));
}

TEST(one_connection_too_many_is_closed_and_a_free_place_is_used_again)
{
    struct fixture *f = *state;
    int fds[MAX_CONNECTIONS];
    char byte;
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        fds[i] = connect_to(f);
    int over = connect_to(f);
    assert_true(recv(over, &byte, 1, 0) <= 0);
    close(over);
    send_text(fds[0], "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    AUTO_BUF out = {0};
    read_all(fds[0], &out);
    assert_memory_equal(buf_text(&out), "HTTP/1.1 200 ", 13);
    assert_answer(f, "GET /livez", "HTTP/1.1 200 ", NULL);
    for (int i = 1; i < MAX_CONNECTIONS; i++)
        close(fds[i]);
}

TEST(stopping_closes_idle_half_sent_and_served_connections)
{
    struct fixture *f = *state;
    int idle = connect_to(f), half = connect_to(f), served = connect_to(f);
    char chunk[4096];
    send_text(half, "GET /liv");
    send_text(served, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(recv(served, chunk, sizeof chunk, 0) > 0);
    status_server_free(TAKE(f->server));
    assert_true(recv(idle, chunk, 1, 0) <= 0);
    assert_true(recv(half, chunk, 1, 0) <= 0);
    assert_true(recv(served, chunk, 1, 0) <= 0);
    close(idle), close(half), close(served);
}

TEST(a_port_that_is_taken_is_fatal)
{
    struct fixture *f = *state;
    struct status_server *second = NULL;
    struct err err = {""};
    assert_int_equal(status_server_new(f->settings, f->health, f->metrics, &second, &err), FATAL);
    assert_null(second);
    assert_non_null(strstr(err.text, "cannot be had: Address already in use"));
}

TEST(an_address_that_is_not_ours_is_fatal)
{
    struct fixture *f = *state;
    struct status_server *second = NULL;
    struct err err = {""};
    free(f->settings->host);
    f->settings->host = strdup("192.0.2.1");
    assert_int_equal(status_server_new(f->settings, f->health, f->metrics, &second, &err), FATAL);
}

TEST(port_0_serves_nothing)
{
    struct fixture *f = *state;
    AUTO(status_server) none = NULL;
    struct err err = {""};
    f->settings->status_port = 0;
    assert_int_equal(status_server_new(f->settings, f->health, f->metrics, &none, &err), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(readiness_follows_the_checks, start, end),
        cmocka_unit_test_setup_teardown(liveness_follows_the_workers, start, end),
        cmocka_unit_test_setup_teardown(health_is_json, start, end),
        cmocka_unit_test_setup_teardown(metrics_are_prometheus_text, start, end),
        cmocka_unit_test_setup_teardown(head_is_get_without_the_body, start, end),
        cmocka_unit_test_setup_teardown(other_paths_and_methods_are_refused_in_json, start, end),
        cmocka_unit_test_setup_teardown(
            one_connection_too_many_is_closed_and_a_free_place_is_used_again, start, end),
        cmocka_unit_test_setup_teardown(stopping_closes_idle_half_sent_and_served_connections,
                                        start, end),
        cmocka_unit_test_setup_teardown(a_port_that_is_taken_is_fatal, start, end),
        cmocka_unit_test_setup_teardown(an_address_that_is_not_ours_is_fatal, start, end),
        cmocka_unit_test_setup_teardown(port_0_serves_nothing, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
