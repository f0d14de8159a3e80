/* SPDX-License-Identifier: MIT */
/* query_job.h - a request that is answered from the document store: the work is done on a thread of
 * the lookup pool, the answer is given on the request's own loop.
 *
 *     handler, on the loop:   fill a job, query_job_start
 *     work, on a pool thread: ask the store, fill job->answer; the request must not be touched
 *     on the loop again:      the answer is sent, unless the client has gone; then done() frees
 *
 * Bounded: a full queue and a wait of QUERY_WAIT_MS end in 503, and so does what the store has not
 * answered QUERY_TIME_MS after the work began. */
#pragma once

#include "common/err.h"
#include "gateway/audit.h"
#include "gateway/http.h"
#include "gateway/lookup.h"

enum { QUERY_WAIT_MS = 5000, QUERY_TIME_MS = 10000, QUERY_OPERATION_MS = 4000 };

struct query_answer {
    int status;
    const char *code, *message; /* of an error; NULL: `body` is the whole answer */
    struct faults faults;       /* when there are any, they are the answer: 400, or 409 */
    struct buf body, link;      /* link: the value of a Link header, when not empty */
};

struct query_job {
    void (*work)(struct query_job *job);
    void (*done)(struct query_job *job); /* frees what the job is part of */
    struct gateway *gateway;
    struct slice tenant;
    struct query_answer answer;
    struct lookup_job _lookup;
    struct loop_task _task;
    struct pending _pending;
    struct loop *_loop;
    struct audit_note _audit;
    struct buf _tenant;
    int64_t _submitted_ms, _deadline_ms; /* monotonic */
};

/* Hands `job` over, in a zeroed struct but for `work` and `done`. */
void query_job_start(struct query_job *job, struct request *r);
/* query_job_start when the request has no faults, else they are the answer. Releases `faults`. */
void query_job_settle(struct query_job *job, struct request *r, struct faults *faults);
/* Before query_job_start: the act is logged when its outcome is known, an answer of 4xx or 5xx
 * being a failure. */
void query_job_audit(struct query_job *job, const struct request *r,
                     const struct audit_event *event);
void query_job_done(struct query_job *job); /* for done(): what the job itself owns */

/* For work that reads in steps and answers by itself: `job`, zeroed, may be handed to what reads by
 * a query_job, until it has taken QUERY_TIME_MS. `tenant` is borrowed. */
void query_job_lend(struct query_job *job, struct gateway *gateway, struct slice tenant);

/* For work(). How long the next operation may take; RETRY when time is up. */
enum result query_job_limit(const struct query_job *job, int64_t *ret_ms, struct err *err);
/* The same, and at most `most_ms`; 0: as long as the job has. */
enum result query_job_limit_to(const struct query_job *job, int64_t most_ms, int64_t *ret_ms,
                               struct err *err);
/* 503, with what store_read said: RETRY, the store is away; REJECT, the question is too big. */
void query_job_fail(struct query_job *job, enum result result, const struct err *err);
