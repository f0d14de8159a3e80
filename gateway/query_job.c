/* SPDX-License-Identifier: MIT */
#include "gateway/query_job.h"

#include "common/clock.h"
#include "common/log.h"
#include "gateway/store.h"

static void unavailable(struct query_job *job, const char *message)
{
    job->answer.status = 503;
    job->answer.code = "store_unavailable";
    job->answer.message = message;
}

static void send_answer(const struct query_answer *answer, struct request *r)
{
    if (answer->faults.count > 0) {
        if (answer->status == 409)
            answer_conflict(r, &answer->faults);
        else
            answer_faults(r, &answer->faults);
        return;
    }
    if (answer->code) {
        answer_error(r, answer->status, answer->code, answer->message);
        return;
    }
    if (answer->link.len > 0)
        answer_header(r, "link", buf_slice(&answer->link));
    answer_json(r, answer->status, buf_slice(&answer->body));
}

/* On the loop's thread. */
static void finish(struct loop_task *task)
{
    struct query_job *job = H2O_STRUCT_FROM_MEMBER(struct query_job, _task, task);
    struct request *r = pending_take(&job->_pending);
    const struct query_answer *answer = &job->answer;

    if (job->_audit.action)
        audit_send(&job->_audit, job->_loop, answer->status >= 400 || answer->faults.count > 0);
    if (r)
        send_answer(answer, r);
    job->done(job);
}

/* On a thread of the pool. */
static void run(struct lookup_job *lookup, bool stopping)
{
    struct query_job *job = H2O_STRUCT_FROM_MEMBER(struct query_job, _lookup, lookup);
    int64_t now_ms = clock_mono_ms();

    job->_deadline_ms = now_ms + QUERY_TIME_MS;
    if (stopping)
        unavailable(job, "The gateway is shutting down");
    else if (now_ms - job->_submitted_ms > QUERY_WAIT_MS)
        unavailable(job, "Too many queries are waiting for the document store");
    else
        job->work(job);
    loop_post(job->_loop, &job->_task);
}

void query_job_start(struct query_job *job, struct request *r)
{
    job->gateway = loop_gateway(r->loop);
    buf_add_slice(&job->_tenant, r->tenant);
    job->tenant = buf_slice(&job->_tenant);
    job->_loop = r->loop;
    job->_lookup.run = run;
    job->_task.run = finish;
    job->_submitted_ms = clock_mono_ms();
    pending_arm(&job->_pending, r);
    if (lookup_submit(job->gateway->lookup, &job->_lookup))
        return;
    unavailable(job, "Too many queries are waiting for the document store");
    finish(&job->_task);
}

void query_job_settle(struct query_job *job, struct request *r, struct faults *faults)
{
    if (faults->count == 0) {
        query_job_start(job, r);
    } else {
        answer_faults(r, faults);
        job->done(job);
    }
    faults_done(faults);
}

void query_job_audit(struct query_job *job, const struct request *r,
                     const struct audit_event *event)
{
    audit_prepare(&job->_audit, r, event);
}

void query_job_done(struct query_job *job)
{
    audit_note_done(&job->_audit);
    faults_done(&job->answer.faults);
    buf_done(&job->answer.body);
    buf_done(&job->answer.link);
    buf_done(&job->_tenant);
}

void query_job_lend(struct query_job *job, struct gateway *gateway, struct slice tenant)
{
    job->gateway = gateway;
    job->tenant = tenant;
    job->_deadline_ms = clock_mono_ms() + QUERY_TIME_MS;
}

enum result query_job_limit(const struct query_job *job, int64_t *ret_ms, struct err *err)
{
    int64_t left_ms = job->_deadline_ms - clock_mono_ms();

    if (left_ms <= 0)
        return err_set(err, RETRY, "no answer within %d ms", QUERY_TIME_MS);
    *ret_ms = left_ms < QUERY_OPERATION_MS ? left_ms : QUERY_OPERATION_MS;
    return OK;
}

enum result query_job_limit_to(const struct query_job *job, int64_t most_ms, int64_t *ret_ms,
                               struct err *err)
{
    enum result result = query_job_limit(job, ret_ms, err);

    if (result == OK && most_ms > 0 && *ret_ms > most_ms)
        *ret_ms = most_ms;
    return result;
}

void query_job_fail(struct query_job *job, enum result result, const struct err *err)
{
    if (store_is_away(job->gateway->store)) /* said once, by the watch */
        log_debug("document store is away, answering 503: %s", err->text);
    else
        log_warn("query of the document store failed, answering 503: %s", err->text);
    unavailable(job, result == REJECT ? "The query takes too long: narrow it by startDate and "
                                        "endDate or by another filter, or use cursors"
                                      : "The document store is not available");
}
