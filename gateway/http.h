/* SPDX-License-Identifier: MIT */
/* http.h - what a handler sees: the request, its loop, the gateway, and how to answer.
 *
 * A handler runs on the loop's thread and must not block. It answers exactly once: at once, or
 * later through a `struct pending`, still on the same loop. How that goes for work done on another
 * thread:
 *
 *     struct job { struct loop_task task; struct pending pending; ... };
 *     handler:        pending_arm(&job->pending, r); hand the job to another thread
 *     other thread:   ... the blocking work ...; loop_post(job->loop, &job->task)
 *     task.run:       struct request *r = pending_take(&job->pending);
 *                     if (r) answer_json(r, 200, ...);      NULL: the client has gone
 *                     free the job
 *
 * A request may die at any time while it is pending (client gone, time-out of a slow writer): then
 * the slices in it are gone too, so copy what the other thread needs into the job. */
#pragma once

#ifndef H2O_USE_LIBUV
#define H2O_USE_LIBUV 0
#endif
#include <h2o.h>
#include <stdatomic.h>

#include "common/buf.h"
#include "common/health.h"
#include "common/metrics.h"
#include "common/settings.h"
#include "common/slice.h"
#include "gateway/export_slots.h"
#include "gateway/scope.h"
#include "schemas/fault.h"

/* One per process; everything in it may be used from any thread. */
struct gateway {
    const struct settings *settings;
    atomic_int exit_code;        /* of main; what stops the gateway for a fault sets it */
    struct export_slots exports; /* under way */
    struct metrics *metrics;
    struct health *health;
    struct accepted_ids *accepted; /* gateway/accepted_ids.h: acknowledged, maybe not stored yet */
    struct rate_limit *rate_limit; /* gateway/rate_limit.h */
    struct access *access;         /* gateway/access.h: keys, and the limits of tenants */
    struct gateway_meters *meters; /* gateway/meters.h */
    struct store *store;           /* gateway/store.h: the document store */
    struct lookup *lookup;         /* gateway/lookup.h: threads for what blocks */
    struct rules_watch *rules;     /* rules/rules_watch.h: what is erased, how long logs are kept */
    struct redis_pool *redis;      /* gateway/redis_pool.h: for those threads */
    const struct docs_dir *docs;   /* gateway/docs_dir.h: Swagger UI */
    struct pipeline_kafka *pipeline; /* gateway/pipeline_kafka.h: for those threads */
    struct tail *tail;               /* gateway/tail.h: the enriched topic, live */
    struct caught_up *caught_up;     /* gateway/caught_up.h: what of each partition is counted */
};

/* One per thread: an h2o event loop with its own listening sockets and its own producer. */
struct loop;
struct gateway *loop_gateway(struct loop *loop);

/* Work that comes back to a loop. `run` is called on the loop's thread and owns the task. */
struct loop_task {
    h2o_multithread_message_t _super;
    void (*run)(struct loop_task *task);
};

/* From any thread, until the server is freed. */
void loop_post(struct loop *loop, struct loop_task *task);

struct request;

struct route {
    const char *method; /* "GET" answers HEAD too */
    const char *path;   /* "/api/v1/logs/:id"; at most one `:name`, which is request.param */
    const char *label;  /* what the metrics call it */
    enum scope scope;
    bool ingest; /* served on INGEST_PORT too */
    void (*handle)(struct request *r);
};

enum { REQUEST_ID_MAX = 128 };

/* Lives in h2o's request pool. */
struct request {
    h2o_req_t *req;
    struct loop *loop;
    const struct route *route;
    struct slice param;  /* percent-decoded; data == NULL when the route has none */
    struct slice path;   /* as sent, without the query */
    struct slice query;  /* after the '?', as sent; data == NULL when there is none */
    struct slice tenant; /* valid, never absent */
    struct slice key_id; /* of the API key that the request came with; data == NULL when none */
    struct slice id;     /* the request id, echoed in X-Request-Id; valid, never absent */
    int64_t started_us;  /* monotonic */
    /* Content-Security-Policy of the answer, static; NULL: it may load and run nothing. A page's
     * handler sets it. */
    const char *content_policy;
    struct pending *_pending;
    h2o_linklist_t _link; /* in the loop's requests */
};

/* A header of the request, data == NULL when absent. `name` in lower case. */
struct slice request_header(const struct request *r, const char *name);

/* Embed it in what waits. */
struct pending {
    struct request *_request;
    /* When set: called in place of a plain 503 when the gateway stops and cannot wait any longer.
     * It must pending_take and answer. */
    void (*cancel)(struct pending *p);
};

void pending_arm(struct pending *p, struct request *r);
/* The request, to be answered now, or NULL when it has died. Once per pending_arm, on the loop's
 * thread, before the memory of `p` is given back. */
struct request *pending_take(struct pending *p);

/* Answers. The body is copied. All carry X-Request-Id, CORS and the security headers. */
void answer_json(struct request *r, int status, struct slice json);
void answer_bytes(struct request *r, int status, const char *content_type, struct slice body);
/* {"success":false,"error":message,"code":code,"requestId":…}; `code` is one of the contract's.
 * 503 also gets Retry-After. */
void answer_error(struct request *r, int status, const char *code, const char *message);
/* 400, "Validation Error" with the faults as `details`. */
void answer_faults(struct request *r, const struct faults *faults);
/* The same with 409: faults of what is good in itself, and does not go with what there is. */
void answer_conflict(struct request *r, const struct faults *faults);
/* Adds a header to the answer that follows. `name` in lower case and static; `value` is copied. */
void answer_header(struct request *r, const char *name, struct slice value);
