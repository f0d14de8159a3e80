/* SPDX-License-Identifier: MIT */
/* GET /api/v1/admin/pipeline: how far every stage is. What cannot be learnt is said to be unknown;
 * the rest is shown all the same, for this is asked when things are broken. How far the stages are
 * is the operator's to see: it tells how much all tenants send. */
#include "common/clock.h"
#include "common/iso8601.h"
#include "common/mem.h"
#include "gateway/admit.h"
#include "gateway/handlers.h"
#include "gateway/pipeline_kafka.h"
#include "gateway/query_job.h"
#include "gateway/redis_pool.h"
#include "gateway/store.h"

#include <stdlib.h>

static const char positions[] = "{als}:position";

struct pipeline_job {
    struct query_job super;
    bool of_all; /* tenants: the stages too */
    struct pipeline_view view;
};

static void done(struct query_job *super)
{
    struct pipeline_job *job = (struct pipeline_job *)super;

    query_job_done(super);
    pipeline_view_done(&job->view);
    free(job);
}

/* --- Redis: the counters' positions --- */

static void note_position(struct pipeline_job *job, enum pipeline_stage s, struct slice field,
                          const char *offset)
{
    struct pipeline_view *v = &job->view;
    char topic[256], *end;
    size_t len, partition;

    kafka_topic_name(job->super.gateway->settings, pipeline_stage_topic(s), topic);
    len = strlen(topic);
    if (field.len <= len + 1 || memcmp(field.data, topic, len) != 0 || field.data[len] != ':')
        return;
    partition = strtoul(field.data + len + 1, &end, 10);
    if (!*end && partition < pipeline_view_partitions(v, pipeline_stage_topic(s)))
        v->next[s][partition] = strtoll(offset, NULL, 10);
}

static void note_counters(struct pipeline_job *job, const redisReply *reply)
{
    static const enum pipeline_stage stages[] = {STAGE_COUNTERS_LOGS, STAGE_COUNTERS_STATS};
    struct pipeline_view *v = &job->view;

    v->counters_known = true;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < v->partitions; i++)
            v->next[stages[s]][i] = PIPELINE_NONE;
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2) {
        const redisReply *field = reply->element[i], *value = reply->element[i + 1];

        if (field->type != REDIS_REPLY_STRING || value->type != REDIS_REPLY_STRING)
            continue;
        v->rebuilding |= strcmp(field->str, "rebuild") == 0;
        for (size_t s = 0; s < 2; s++)
            note_position(job, stages[s], slice_of(field->str), value->str);
    }
}

static void look_at_counters(struct pipeline_job *job)
{
    const struct slice words[] = {slice_of("HGETALL"), slice_of(positions)};
    redisReply *reply = NULL;
    struct err err;

    if (redis_pool_ask(job->super.gateway->redis, words, 2, &reply, &err) != OK) {
        pipeline_view_miss(&job->view, "counters", err.text);
        return;
    }
    note_counters(job, reply);
    freeReplyObject(reply);
}

/* --- the store: watermark and dead letters --- */

static bool add_watermark(void *ctx, const bson_t *doc)
{
    struct pipeline_job *job = ctx;
    bson_iter_t at;

    if (bson_iter_init_find(&at, doc, "watermark") && BSON_ITER_HOLDS_DATE_TIME(&at) &&
        bson_iter_date_time(&at) > job->view.watermark_ms)
        job->view.watermark_ms = bson_iter_date_time(&at);
    return true;
}

static bool add_count(void *ctx, const bson_t *doc)
{
    struct pipeline_job *job = ctx;
    bson_iter_t state, count;

    if (!bson_iter_init_find(&state, doc, "_id") || !bson_iter_init_find(&count, doc, "count"))
        return true;
    job->view.dead_letters += bson_iter_as_int64(&count);
    if (BSON_ITER_HOLDS_UTF8(&state) && strcmp(bson_iter_utf8(&state, NULL), "open") == 0)
        job->view.open_dead_letters += bson_iter_as_int64(&count);
    return true;
}

static void match_tenant(const struct pipeline_job *job, bson_t *filter)
{
    bson_append_utf8(filter, "tenant", -1, job->super.tenant.data, (int)job->super.tenant.len);
}

static enum result find_watermark(struct pipeline_job *job, struct err *err)
{
    bson_t filter = BSON_INITIALIZER;
    struct store_query query = {.collection = "pipeline", .filter = &filter};
    struct store_rows rows = {add_watermark, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    match_tenant(job, &filter);
    job->view.watermark_ms = PIPELINE_NONE;
    if (result == OK)
        result = store_read(job->super.gateway->store, &query, &rows, err);
    bson_destroy(&filter);
    return result;
}

/* [{$match: {tenant}}, {$group: {_id: "$state", count: {$sum: 1}}}] */
static void count_by_state(const struct pipeline_job *job, bson_t *pipeline)
{
    bson_t stage, part, sum;

    BSON_APPEND_DOCUMENT_BEGIN(pipeline, "0", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &part);
    match_tenant(job, &part);
    bson_append_document_end(&stage, &part);
    bson_append_document_end(pipeline, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(pipeline, "1", &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &part);
    BSON_APPEND_UTF8(&part, "_id", "$state");
    BSON_APPEND_DOCUMENT_BEGIN(&part, "count", &sum);
    BSON_APPEND_INT32(&sum, "$sum", 1);
    bson_append_document_end(&part, &sum);
    bson_append_document_end(&stage, &part);
    bson_append_document_end(pipeline, &stage);
}

static enum result count_rejects(struct pipeline_job *job, struct err *err)
{
    bson_t pipeline = BSON_INITIALIZER;
    struct store_query query = {.collection = "rejects", .pipeline = &pipeline};
    struct store_rows rows = {add_count, job};
    enum result result = query_job_limit(&job->super, &query.limit_ms, err);

    count_by_state(job, &pipeline);
    job->view.dead_letters = job->view.open_dead_letters = 0;
    if (result == OK)
        result = store_read(job->super.gateway->store, &query, &rows, err);
    bson_destroy(&pipeline);
    if (result != OK)
        job->view.dead_letters = job->view.open_dead_letters = PIPELINE_UNKNOWN;
    return result;
}

static void look_at_store(struct pipeline_job *job)
{
    struct err err;

    if (find_watermark(job, &err) != OK)
        pipeline_view_miss(&job->view, "watermark", err.text);
    if (count_rejects(job, &err) != OK)
        pipeline_view_miss(&job->view, "dead letters", err.text);
}

static void work(struct query_job *super)
{
    struct pipeline_job *job = (struct pipeline_job *)super;
    const struct settings *settings = super->gateway->settings;
    struct buf *body = &super->answer.body;
    char now[ISO8601_LEN];

    pipeline_view_init(&job->view, (size_t)settings->partitions);
    look_at_counters(job);
    look_at_store(job);
    if (job->of_all)
        pipeline_kafka_look(super->gateway->pipeline, &job->view);
    iso8601_format(clock_wall_ms(), now);
    super->answer.status = 200;
    buf_printf(body, "{\"success\":true,\"asOf\":\"%.*s\",\"data\":", ISO8601_LEN, now);
    pipeline_view_render(&job->view, job->of_all ? settings->kafka_topic : NULL, body);
    buf_add_char(body, '}');
}

void get_pipeline(struct request *r)
{
    struct pipeline_job *job = mem_zalloc(sizeof *job);
    const struct audit_event event = {
        .action = "pipeline.read", .resource_type = "pipeline", .read = true};

    job->super.work = work;
    job->super.done = done;
    job->of_all = admit_is_operator(r);
    query_job_audit(&job->super, r, &event);
    query_job_start(&job->super, r);
}
