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
#include "processor/pace.h"
#include "processor/position.h"
#include "processor/raw_input.h"

#include <stdio.h>
#include <stdlib.h>

/* Records that are worked on between two looks at the clock. */
enum { RUN_RECORDS = 64 };
enum { IDLE_MS = 100, LOOK_AROUND_MS = 1000, SIGN_OF_LIFE_MS = 2000, PROBE_MS = 1000 };

struct session {
    struct session_context c;
    struct kafka_source *source;
    struct transaction *transaction;
    struct assignment *assignment;
    struct outputs outputs;
    struct sink sink;
    struct raw_scratch scratch; /* of the record at hand */
    struct pace pace;
    size_t records, bytes; /* read in the open transaction */
    bool has_committed, is_ending;
    bool is_behind; /* there is more to read, though the last poll brought nothing */
    size_t woken;
    struct consumer_waker waker;
    int64_t looked_ms, sign_of_life_ms;
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
                      s->records);
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
    refusals_widen(s->c.refusals);
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
        s->pace.last_commit_ms = clock_mono_ms() - begun_ms;
        settle_tasks(s);
        kafka_answers(s);
    } else {
        note_refusals(s);
    }
    return result;
}

/* Room for nothing more, whatever the time. */
static bool is_full(const struct session *s)
{
    size_t sent = transaction_bytes(s->transaction);

    return s->records >= refusals_most(s->c.refusals) ||
           pace_is_full(&s->pace, s->records, s->bytes > sent ? s->bytes : sent);
}

static bool is_due(const struct session *s)
{
    return transaction_is_open(s->transaction) &&
           (is_full(s) || pace_left_ms(&s->pace, transaction_age_ms(s->transaction)) == 0);
}

/* Records that Kafka is known to have for us, as the last fetches saw it. */
static int64_t waiting(struct session *s)
{
    int64_t low, high, count = 0;
    const struct task *task;

    for (size_t i = 0; (task = assignment_at(s->assignment, i)); i++) {
        high = -1;
        rd_kafka_get_watermark_offsets(kafka_source_handle(s->source), s->c.settings->kafka_topic,
                                       task_partition(task), &low, &high);
        count += high > task_next_offset(task) ? high - task_next_offset(task) : 0;
    }
    return count;
}

static enum result begin(struct session *s, struct err *err)
{
    pace_look(&s->pace, waiting(s));
    return transaction_begin(s->transaction, err);
}

/* --- records --- */

static enum result take_record(struct session *s, const rd_kafka_message_t *m, struct err *err)
{
    struct task *task = assignment_task(s->assignment, m->partition);
    struct input in;
    enum result result = OK;

    if (!task)
        return err_set(err, RETRY, "a record of partition %d came, which is not ours",
                       m->partition);
    if (!transaction_is_open(s->transaction))
        result = begin(s, err);
    if (result != OK)
        return result;
    in = raw_input(m, refusals_of(s->c.refusals, m->partition, m->offset), &s->scratch);
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
    if (s->is_behind)
        return CONSUMER_BEHIND_MS;
    if (!transaction_is_open(s->transaction))
        return IDLE_MS;
    return (int)pace_left_ms(&s->pace, transaction_age_ms(s->transaction));
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
    if (!s->is_behind)
        pace_look(&s->pace, 0);
}

static enum result poll_source(struct session *s, int timeout_ms, rd_kafka_message_t **ret,
                               struct err *err)
{
    enum result result = kafka_source_poll(s->source, timeout_ms, ret, err);

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

/* Up to a run of records, without a look at the clock; *ret_came: whether there was one. */
static enum result read_run(struct session *s, bool *ret_came, struct err *err)
{
    int timeout_ms = wait_ms(s);
    enum result result = OK;

    *ret_came = false;
    for (size_t i = 0; i < RUN_RECORDS && result == OK; i++) {
        rd_kafka_message_t *m = NULL;

        result = poll_source(s, timeout_ms, &m, err);
        if (!m)
            return result;
        *ret_came = true;
        timeout_ms = 0;
        if (result == OK)
            result = take_record(s, m, err);
        rd_kafka_message_destroy(m);
        if (is_full(s))
            return result;
    }
    return result;
}

enum result session_step(struct session *s, struct err *err)
{
    bool came;
    enum result result = read_run(s, &came, err);

    if (result == OK && !came)
        look_behind(s);
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
