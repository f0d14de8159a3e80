/* SPDX-License-Identifier: MIT */
#include "processor/session.h"

#include "common/clock.h"
#include "common/kafka_conf.h"
#include "common/kafka_source.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "processor/assignment.h"
#include "processor/consumer_memory.h"
#include "processor/outputs.h"
#include "processor/position.h"

#include <stdio.h>
#include <stdlib.h>

/* A transaction is as large as the first of these lets it be. Where a commit itself takes longer
 * than COMMIT_MS, records are gathered for as long as the last one took: else a busy machine would
 * spend its time on committing a few records at a time, and never catch up. */
enum {
    COMMIT_MS = 100,
    COMMIT_MS_MAX = 1000,
    COMMIT_RECORDS = 5000,
    COMMIT_BYTES = 16 * 1024 * 1024
};
enum { IDLE_MS = 100, LOOK_AROUND_MS = 1000, SIGN_OF_LIFE_MS = 2000, PROBE_MS = 1000 };

struct session {
    struct session_context c;
    struct kafka_source *source;
    struct transaction *transaction;
    struct assignment *assignment;
    struct outputs outputs;
    struct sink sink;
    struct cloudevent_attribute attributes[CLOUDEVENT_ATTRIBUTES]; /* of the record at hand */
    size_t records, bytes; /* read in the open transaction */
    bool has_committed, is_ending;
    bool is_behind; /* there is more to read, though the last poll brought nothing */
    size_t woken;
    struct consumer_waker waker;
    int64_t looked_ms, sign_of_life_ms, last_commit_ms;
    enum result failure; /* met inside a rebalance, told at the end of the poll */
    struct err failure_text;
};

static void kafka_answers(struct session *s)
{
    s->sign_of_life_ms = clock_mono_ms();
    health_set(s->c.health, s->c.kafka_check, true, "connected");
}

static bool stay_alive(void *ctx)
{
    struct session *s = ctx;

    health_beat(s->c.health, s->c.watch);
    return !stop_requested();
}

/* --- transactions --- */

static rd_kafka_topic_partition_list_t *offsets_done(struct session *s)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
    const struct task *task;

    for (size_t i = 0; (task = assignment_at(s->assignment, i)); i++) {
        rd_kafka_topic_partition_t *p;

        if (!task_has_work(task))
            continue;
        p = rd_kafka_topic_partition_list_add(list, s->c.settings->kafka_topic,
                                              task_partition(task));
        p->offset = task_next_offset(task);
        p->metadata = position_note(task_last_append_ms(task));
        p->metadata_size = strlen(p->metadata);
    }
    return list;
}

static void note_refusals(struct session *s)
{
    struct refused_output refused;

    for (size_t i = 0; transaction_refused(s->transaction, i, &refused); i++)
        refusals_note(s->c.refusals, refused.partition, refused.offset, refused.dead_letter,
                      s->records == 1);
}

static void settle_tasks(struct session *s)
{
    struct task_outcome outcome;
    struct task *task;

    for (size_t i = 0; (task = assignment_at(s->assignment, i)); i++) {
        if (!task_has_work(task))
            continue;
        task_committed(task, &outcome);
        pipeline_metrics_count(s->c.metrics, &outcome);
        refusals_passed(s->c.refusals, task_partition(task), task_next_offset(task));
    }
    s->has_committed = true;
    s->records = s->bytes = 0;
}

static enum result commit(struct session *s, struct err *err)
{
    rd_kafka_topic_partition_list_t *offsets;
    int64_t begun_ms = clock_mono_ms();
    enum result result = OK;
    struct task *task;

    for (size_t i = 0; result == OK && (task = assignment_at(s->assignment, i)); i++) {
        if (task_has_work(task))
            result = task_flush(task, s->c.tools, &s->sink, err);
    }
    if (result != OK)
        return result;
    offsets = offsets_done(s);
    result = transaction_commit(s->transaction, kafka_source_handle(s->source), offsets, err);
    rd_kafka_topic_partition_list_destroy(offsets);
    if (result == OK) {
        s->last_commit_ms = clock_mono_ms() - begun_ms;
        settle_tasks(s);
        kafka_answers(s);
    } else {
        note_refusals(s);
    }
    return result;
}

static int64_t gather_ms(const struct session *s)
{
    if (s->last_commit_ms <= COMMIT_MS)
        return COMMIT_MS;
    return s->last_commit_ms < COMMIT_MS_MAX ? s->last_commit_ms : COMMIT_MS_MAX;
}

static bool is_due(const struct session *s)
{
    size_t most = refusals_pending(s->c.refusals) ? 1 : COMMIT_RECORDS;

    return transaction_is_open(s->transaction) &&
           (s->records >= most || s->bytes >= COMMIT_BYTES ||
            transaction_bytes(s->transaction) >= COMMIT_BYTES ||
            transaction_age_ms(s->transaction) >= gather_ms(s));
}

/* --- records --- */

/* https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md */
static void read_attributes(struct session *s, const rd_kafka_headers_t *headers, struct input *in)
{
    static const char prefix[] = "ce_";
    const char *name;
    const void *value;
    size_t size;

    if (rd_kafka_header_get_last(headers, "ce_specversion", &value, &size))
        return;
    in->attributes = s->attributes;
    for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &size) &&
                       in->attribute_count < CLOUDEVENT_ATTRIBUTES;
         i++)
        if (strncmp(name, prefix, sizeof prefix - 1) == 0 && value)
            s->attributes[in->attribute_count++] = (struct cloudevent_attribute){
                slice_of(name + sizeof prefix - 1), slice_make(value, size)};
}

static void read_headers(struct session *s, const rd_kafka_message_t *m, struct input *in)
{
    const struct {
        const char *name;
        struct slice *value;
    } known[] = {
        {"als.id", &in->id},
        {"als.tenant", &in->tenant},
        {"als.source", &in->source},
        {"traceparent", &in->traceparent},
        {"content-type", &in->content_type},
    };
    rd_kafka_headers_t *headers;

    if (rd_kafka_message_headers(m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const void *value;
        size_t size;

        if (rd_kafka_header_get_last(headers, known[i].name, &value, &size) ==
                RD_KAFKA_RESP_ERR_NO_ERROR &&
            value)
            *known[i].value = slice_make(value, size);
    }
    read_attributes(s, headers, in);
}

static enum result take_record(struct session *s, const rd_kafka_message_t *m, struct err *err)
{
    struct task *task = assignment_task(s->assignment, m->partition);
    struct input in = {
        .key = slice_make(m->key, m->key_len),
        .value = slice_make(m->payload, m->len),
        .partition = m->partition,
        .offset = m->offset,
        .append_ms = rd_kafka_message_timestamp(m, NULL),
        .refusal = refusals_of(s->c.refusals, m->partition, m->offset),
        .origin = m,
    };
    enum result result;

    if (!task)
        return err_set(err, RETRY, "a record of partition %d came, which is not ours",
                       m->partition);
    if (!transaction_is_open(s->transaction)) {
        result = transaction_begin(s->transaction, err);
        if (result != OK)
            return result;
    }
    read_headers(s, m, &in);
    s->records++;
    s->bytes += m->len;
    result = task_process(task, s->c.tools, &in, &s->sink, err);
    return result == OK ? OK : RETRY;
}

/* --- the group --- */

static enum result on_assigned(void *ctx, rd_kafka_topic_partition_list_t *partitions,
                               struct err *err)
{
    struct session *s = ctx;
    enum result result =
        assignment_take(s->assignment, kafka_source_handle(s->source), partitions, err);

    if (result == OK) {
        log_info("%d partitions are ours", partitions->cnt);
        kafka_answers(s);
    }
    return result;
}

static void on_revoked(void *ctx, const rd_kafka_topic_partition_list_t *partitions, bool lost)
{
    struct session *s = ctx;

    if (!s->is_ending && transaction_is_open(s->transaction))
        s->failure = lost ? err_set(&s->failure_text, RETRY, "partitions went to somebody else")
                          : commit(s, &s->failure_text);
    if (!s->is_ending)
        log_info("%d partitions given back", partitions->cnt);
    assignment_give(s->assignment);
}

static enum result join(struct session *s, struct err *err)
{
    const char *const topics[] = {s->c.settings->kafka_topic};
    const struct kafka_source_events events = {
        .ctx = s, .assigned = on_assigned, .revoked = on_revoked};
    rd_kafka_conf_t *conf;
    char group[512];
    enum result result;

    snprintf(group, sizeof group, "%s-processor", s->c.settings->kafka_topic);
    result = kafka_conf_consumer(s->c.settings, group, true, &conf, err);
    if (result != OK)
        return result;
    result = consumer_memory_limit(conf, err);
    if (result == OK)
        return kafka_source_new(&conf, topics, 1, &events, &s->source, err);
    rd_kafka_conf_destroy(conf);
    return result;
}

/* --- its life --- */

enum result session_new(const struct session_context *context, struct session **ret,
                        struct err *err)
{
    AUTO(session) s = mem_zalloc(sizeof *s);
    enum result result = kafka_topics_ensure(context->settings, err);

    s->c = *context;
    s->assignment = assignment_new(s->c.settings, &(struct assignment_watch){stay_alive, s});
    if (result == OK)
        result = transaction_new(s->c.settings, s->c.registry, &s->transaction, err);
    if (result == OK)
        result = join(s, err);
    if (result != OK)
        return result;
    kafka_topic_name(s->c.settings, TOPIC_RAW, s->outputs.raw_topic);
    s->outputs.transaction = s->transaction;
    s->sink = outputs_sink(&s->outputs);
    kafka_answers(s);
    *ret = TAKE(s);
    return OK;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    s->is_ending = true;
    kafka_source_free(s->source);
    transaction_free(s->transaction);
    assignment_free(s->assignment);
    free(s);
}

static void show_partition(struct session *s, int32_t partition)
{
    struct task *task = assignment_task(s->assignment, partition);
    int64_t low, high = -1, next;

    if (!task) {
        pipeline_metrics_hide(s->c.metrics, partition);
        return;
    }
    next = task_next_offset(task);
    rd_kafka_get_watermark_offsets(kafka_source_handle(s->source), s->c.settings->kafka_topic,
                                   partition, &low, &high);
    pipeline_metrics_show(s->c.metrics, task, high < next ? high < 0 ? -1 : 0 : high - next);
}

/* Between transactions, once a second. */
static void look_around(struct session *s)
{
    const struct rd_kafka_metadata *seen;

    s->looked_ms = clock_mono_ms();
    for (int32_t i = 0; i < s->c.settings->partitions; i++)
        show_partition(s, i);
    if (s->looked_ms - s->sign_of_life_ms < SIGN_OF_LIFE_MS)
        return;
    if (rd_kafka_metadata(kafka_source_handle(s->source), 0, NULL, &seen, PROBE_MS) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(seen);
        kafka_answers(s);
    } else {
        health_set(s->c.health, s->c.kafka_check, false, "no broker answers");
    }
}

static int wait_ms(const struct session *s)
{
    int64_t age_ms;

    if (s->is_behind)
        return CONSUMER_BEHIND_MS;
    if (!transaction_is_open(s->transaction))
        return IDLE_MS;
    age_ms = transaction_age_ms(s->transaction);
    return age_ms < gather_ms(s) ? (int)(gather_ms(s) - age_ms) : 0;
}

/* Nothing came: is there nothing? */
static void look_behind(struct session *s)
{
    rd_kafka_t *rk = kafka_source_handle(s->source);
    const struct task *task;

    s->is_behind = false;
    for (size_t i = 0; !s->is_behind && i < (size_t)s->c.settings->partitions; i++) {
        task = assignment_at(s->assignment, s->woken++ % (size_t)s->c.settings->partitions);
        s->is_behind = task && consumer_wake(&s->waker, rk, s->c.settings->kafka_topic,
                                             task_partition(task), task_next_offset(task));
    }
}

static enum result poll_source(struct session *s, rd_kafka_message_t **ret, struct err *err)
{
    enum result result = kafka_source_poll(s->source, wait_ms(s), ret, err);

    if (s->failure != OK) {
        *err = s->failure_text;
        return s->failure;
    }
    if (result == REJECT)
        return RETRY;
    if (result == RETRY) {
        log_sparse(LOG_WARN, "reading goes on: %s", err->text);
        return OK;
    }
    return result;
}

enum result session_step(struct session *s, struct err *err)
{
    rd_kafka_message_t *m = NULL;
    enum result result = poll_source(s, &m, err);

    if (m) {
        if (result == OK)
            result = take_record(s, m, err);
        rd_kafka_message_destroy(m);
    } else if (result == OK) {
        look_behind(s);
    }
    if (result == OK && is_due(s))
        result = commit(s, err);
    if (result == OK && !transaction_is_open(s->transaction) &&
        clock_mono_ms() - s->looked_ms >= LOOK_AROUND_MS)
        look_around(s);
    return result;
}

enum result session_finish(struct session *s, struct err *err)
{
    return transaction_is_open(s->transaction) ? commit(s, err) : OK;
}

bool session_has_committed(const struct session *s)
{
    return s->has_committed;
}
