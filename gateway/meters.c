/* SPDX-License-Identifier: MIT */
#include "gateway/meters.h"

#include "common/mem.h"
#include "gateway/http.h"
#include "gateway/routes.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Sub-millisecond acknowledgements up to the longest wait that a client is asked for. */
static const double seconds_bounds[] = {0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075,
                                        0.01,   0.015, 0.025, 0.05,  0.1,   0.25,
                                        0.5,    1,     2.5,   5,     10};

/* Statuses that the gateway answers with; the last stands for any other. */
static const int statuses[] = {200, 202, 204, 304, 400, 401, 403, 404, 405,
                               409, 413, 415, 417, 426, 429, 500, 503, 0};

enum {
    STATUSES = sizeof statuses / sizeof statuses[0],
    BOUNDS = sizeof seconds_bounds / sizeof seconds_bounds[0],
    ROUTES_MAX = 64, /* the last is for what no route served */
};

struct gateway_meters {
    struct metrics *metrics;
    _Atomic(struct metric *) requests[ROUTES_MAX][STATUSES]; /* made when first wanted */
    struct metric *durations[ROUTES_MAX];
    struct metric *received, *accepted, *ack, *connections, *exports, *tails;
};

static const char outcomes[] = "als_outcomes_total";
static const char outcomes_help[] = "records by what became of them: received = accepted + "
                                    "rejected + failed";

static struct metric *outcome(struct gateway_meters *m, const char *what, const char *reason)
{
    char labels[128];
    snprintf(labels, sizeof labels, "stage=\"gateway\",outcome=\"%s\",reason=\"%s\"", what, reason);
    return metrics_counter(m->metrics, outcomes, outcomes_help, labels);
}

struct gateway_meters *gateway_meters_new(struct metrics *metrics)
{
    struct gateway_meters *m = mem_zalloc(sizeof *m);
    m->metrics = metrics;
    m->received = outcome(m, "received", "");
    m->accepted = outcome(m, "accepted", "");
    outcome(m, "rejected", "validation_error");
    outcome(m, "failed", "kafka_unavailable");
    m->ack = metrics_histogram(metrics, "als_kafka_ack_seconds",
                               "from handing a request's records to Kafka to the last "
                               "acknowledgement",
                               NULL, seconds_bounds, BOUNDS);
    m->connections = metrics_gauge(metrics, "als_http_connections", "connections open", NULL);
    m->exports = metrics_gauge(metrics, "als_http_exports", "exports under way", NULL);
    m->tails = metrics_gauge(metrics, "als_http_tails", "clients that follow the log", NULL);
    for (size_t i = 0; i < route_count && i < ROUTES_MAX - 1; i++) {
        char labels[128];
        snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\"", routes[i].label,
                 routes[i].method);
        m->durations[i] = metrics_histogram(
            metrics, "als_http_request_duration_seconds",
            "from the request's last byte read to its answer handed to the socket", labels,
            seconds_bounds, BOUNDS);
    }
    return m;
}

void gateway_meters_free(struct gateway_meters *m)
{
    free(m);
}

static struct metric *make_requests(struct gateway_meters *m, const struct route *route, int status)
{
    char labels[160], code[12] = "other";
    if (status != 0)
        snprintf(code, sizeof code, "%d", status);
    snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\",code=\"%s\"",
             route ? route->label : "none", route ? route->method : "any", code);
    return metrics_counter(m->metrics, "als_http_requests_total", "requests answered", labels);
}

void meters_request(struct gateway_meters *m, const struct route *route, int status, double seconds)
{
    size_t r = route ? (size_t)(route - routes) : ROUTES_MAX - 1, s = 0;
    while (s < STATUSES - 1 && statuses[s] != status)
        s++;
    struct metric *requests = atomic_load_explicit(&m->requests[r][s], memory_order_acquire);
    if (!requests) {
        requests = make_requests(m, route, statuses[s]);
        atomic_store_explicit(&m->requests[r][s], requests, memory_order_release);
    }
    metric_add(requests, 1);
    if (m->durations[r])
        metric_observe(m->durations[r], seconds);
}

void meters_received(struct gateway_meters *m, size_t records)
{
    metric_add(m->received, records);
}

void meters_accepted(struct gateway_meters *m, size_t records)
{
    metric_add(m->accepted, records);
}

void meters_rejected(struct gateway_meters *m, const char *reason, size_t records)
{
    if (records > 0)
        metric_add(outcome(m, "rejected", reason), records);
}

void meters_failed(struct gateway_meters *m, const char *reason, size_t records)
{
    if (records > 0)
        metric_add(outcome(m, "failed", reason), records);
}

void meters_ack(struct gateway_meters *m, double seconds)
{
    metric_observe(m->ack, seconds);
}

void meters_open(struct gateway_meters *m, size_t connections, size_t exports, size_t tails)
{
    metric_set(m->connections, (double)connections);
    metric_set(m->exports, (double)exports);
    metric_set(m->tails, (double)tails);
}
