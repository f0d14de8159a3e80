/* SPDX-License-Identifier: MIT */
/* POST /api/v1/admin/counters/rebuild: Redis' counters are made anew from the topics. A token in
 * the position hash asks for it; whichever processor's counters see it first do the work, and
 * remove it last. While one is there a second changes nothing. They are those of all tenants, so
 * this is the operator's to do. */
#include "common/clock.h"
#include "common/ident.h"
#include "common/log.h"
#include "common/mem.h"
#include "gateway/admit.h"
#include "gateway/handlers.h"
#include "gateway/query_job.h"
#include "gateway/redis_pool.h"

#include <stdlib.h>

static void done(struct query_job *job)
{
    query_job_done(job);
    free(job);
}

static void answer(struct query_job *job, bool already)
{
    job->answer.status = 202;
    buf_printf(&job->answer.body, "{\"success\":true,\"state\":\"rebuilding\",\"message\":\"%s\"}",
               already ? "Counters are being rebuilt already" : "Counters will be rebuilt");
}

static void work(struct query_job *job)
{
    char token[UUID_LEN];
    const struct slice words[] = {slice_of("HSETNX"), slice_of("{als}:position"),
                                  slice_of("rebuild"), slice_make(token, sizeof token)};
    redisReply *reply = NULL;
    struct err err;

    uuid_v7(clock_wall_ms(), token);
    if (redis_pool_ask(job->gateway->redis, words, 4, &reply, &err) != OK) {
        log_warn("a rebuild of the counters is wanted, answering 503: %s", err.text);
        job->answer.status = 503;
        job->answer.code = "store_unavailable";
        job->answer.message = "Redis is not available";
        return;
    }
    answer(job, reply->type == REDIS_REPLY_INTEGER && reply->integer == 0);
    freeReplyObject(reply);
}

void rebuild_counters(struct request *r)
{
    struct audit_event event = {.action = "counters.rebuild", .resource_type = "counters"};
    struct query_job *job;

    if (!admit_is_operator(r)) {
        event.failed = true;
        audit_write(r, &event);
        answer_error(r, 403, "forbidden", "Counters are all tenants': this needs a key of default");
        return;
    }
    job = mem_zalloc(sizeof *job);
    job->work = work;
    job->done = done;
    query_job_audit(job, r, &event);
    query_job_start(job, r);
}
