/* SPDX-License-Identifier: MIT */
#include "indexer/pipeline.h"

#include "common/clock.h"
#include "common/kafka_topics.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "indexer/consumer.h"
#include "indexer/intake.h"
#include "indexer/worker.h"

#include <stdlib.h>

enum {
    LINGER_MS = 20,
    BUSY_POLL_MS = 10, /* while the worker writes: how soon its result is seen */
    IDLE_POLL_MS = 100,
    PAUSE_AFTER_MS = 1000,
    LOOK_EVERY_MS = 1000,
    KAFKA_SILENCE_MS = 3000, /* a busy broker may well take a second to answer */
    REVOKE_WAIT_MS = 3000,
    SILENCE_MS = 30000,
    START_BACKOFF_CAP_MS = 2000,
};

struct pipeline {
    const struct settings *settings;
    struct health *health;
    int check, watch;
    struct meters meters;
    struct worker *worker;
    struct consumer *consumer; /* NULL until Kafka has the topics */
    struct intake *intake;
    struct batch *filling, *spare; /* the worker has the other; owned */
    rd_kafka_message_t *held;      /* came when there was no room for it; owned */
    struct position held_at;
    int64_t filled_at; /* when the first record went into `filling` */
    int64_t full_at;   /* when it was found full, 0: it is not */
    int64_t heard_at;  /* when Kafka last gave a record or an answer */
    int64_t looked_at;
    bool disowned; /* what the worker has is of partitions that were taken away */
    bool kafka_away;
};

enum result pipeline_new(const struct settings *settings, struct health *health,
                         struct metrics *metrics, struct pipeline **ret, struct err *err)
{
    AUTO(pipeline) p = mem_zalloc(sizeof *p);
    enum result result;

    p->settings = settings;
    p->health = health;
    p->check = health_add(health, "kafka", true);
    p->watch = health_watch(health, "consumer", SILENCE_MS);
    meters_init(&p->meters, metrics);
    p->intake = intake_new(settings->retention_days);
    p->filling = batch_new();
    p->spare = batch_new();
    result = worker_new(settings, health, &p->meters, &p->worker, err);
    if (result == OK)
        *ret = TAKE(p);
    return result;
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    worker_free(p->worker); /* messages first, then the consumer that they belong to */
    batch_free(p->filling);
    batch_free(p->spare);
    if (p->held)
        rd_kafka_message_destroy(p->held);
    consumer_free(p->consumer);
    intake_free(p->intake);
    free(p);
}

static void note_kafka(struct pipeline *p, enum result result, const struct err *err)
{
    health_set(p->health, p->check, result == OK, "%s", result == OK ? "ok" : err->text);
    if (result != OK && !p->kafka_away)
        log_warn("Kafka is away, waiting for it: %s", err->text);
    if (result == OK && p->kafka_away)
        log_info("Kafka is back");
    p->kafka_away = result != OK;
}

/* A batch came back from the worker. */
static void settle(struct pipeline *p, struct batch **batch, enum result outcome, bool wait)
{
    const struct batch *b = *batch;

    if (outcome == OK && !p->disowned)
        consumer_commit(p->consumer, b->ends, b->end_count, wait);
    p->disowned = false;
    batch_clear(*batch);
    p->spare = TAKE(*batch);
}

static enum result collect(struct pipeline *p, int timeout_ms, bool wait, struct err *err)
{
    struct batch *done = NULL;
    enum result result = worker_take(p->worker, timeout_ms, &done, err);

    if (done)
        settle(p, &done, result, wait);
    return result;
}

static void discard(struct pipeline *p)
{
    batch_clear(p->filling);
    if (p->held)
        rd_kafka_message_destroy(TAKE(p->held));
    p->full_at = 0;
}

static void revoked(void *ctx, bool lost)
{
    struct pipeline *p = ctx;
    struct err err;

    if (!worker_idle(p->worker) && !lost)
        collect(p, REVOKE_WAIT_MS, true, &err);
    if (!worker_idle(p->worker)) {
        p->disowned = true;
        worker_give_up(p->worker);
    }
    discard(p);
    log_info("partitions are taken away%s", lost ? ", lost" : "");
}

static void ended(void *ctx, struct position end)
{
    struct pipeline *p = ctx;

    if (batch_empty(p->filling))
        p->filled_at = clock_mono_ms();
    batch_add_end(p->filling, end);
}

static void add(struct pipeline *p, rd_kafka_message_t *message, struct position at)
{
    struct slice value = slice_make(message->payload, message->len);

    if (batch_empty(p->filling))
        p->filled_at = clock_mono_ms();
    intake_add(p->intake, p->filling, at, &message, value);
    if (message)
        rd_kafka_message_destroy(message);
}

/* Hands the batch over when it is due; one that has only offsets needs no writing. */
static void hand_over(struct pipeline *p)
{
    const struct batch *b = p->filling;
    bool is_due = batch_full(b) || clock_mono_ms() - p->filled_at >= LINGER_MS;

    if (batch_empty(b) || !is_due || !worker_idle(p->worker))
        return;
    if (batch_idle(b)) {
        consumer_commit(p->consumer, b->ends, b->end_count, false);
        batch_clear(p->filling);
        return;
    }
    worker_give(p->worker, &p->filling);
    p->filling = TAKE(p->spare);
    p->full_at = 0;
}

static int poll_timeout(struct pipeline *p)
{
    int64_t left = LINGER_MS - (clock_mono_ms() - p->filled_at);

    if (!worker_idle(p->worker))
        return BUSY_POLL_MS;
    if (batch_empty(p->filling))
        return IDLE_POLL_MS;
    return left > 0 ? (int)left : 0;
}

static enum result poll(struct pipeline *p, int timeout_ms, struct err *err)
{
    rd_kafka_message_t *message = NULL;
    struct position at;
    enum result result = consumer_poll(p->consumer, timeout_ms, &message, &at, err);

    if (result == RETRY)
        log_sparse(LOG_WARN, "polling again: %s", err->text);
    if (!message)
        return result;
    p->heard_at = clock_mono_ms();
    if (batch_full(p->filling)) { /* fetched just before the pause */
        p->held = message;
        p->held_at = at;
    } else {
        add(p, message, at);
    }
    return OK;
}

/* Both batches are full: waits for the worker, at length with the partitions paused. */
static enum result wait_for_worker(struct pipeline *p, struct err *err)
{
    int64_t now = clock_mono_ms();
    enum result result;

    if (!p->full_at)
        p->full_at = now;
    result = collect(p, IDLE_POLL_MS, false, err);
    if (result != RETRY || now - p->full_at < PAUSE_AFTER_MS)
        return result == FATAL ? FATAL : OK;
    consumer_pause(p->consumer, true);
    return p->held ? OK : poll(p, 0, err);
}

static enum result fill(struct pipeline *p, struct err *err)
{
    consumer_pause(p->consumer, false);
    if (!p->held)
        return poll(p, poll_timeout(p), err);
    add(p, TAKE(p->held), p->held_at);
    return OK;
}

/* Once a second: is Kafka there, and how far behind are we? */
static void look(struct pipeline *p)
{
    int64_t now = clock_mono_ms();
    enum result result = OK;
    struct err err;

    health_beat(p->health, p->watch);
    if (now - p->looked_at < LOOK_EVERY_MS)
        return;
    if (now - p->heard_at >= LOOK_EVERY_MS) {
        result = consumer_probe(p->consumer, &err);
        if (result == OK)
            p->heard_at = clock_mono_ms();
    }
    p->looked_at = clock_mono_ms();
    if (result == OK || p->looked_at - p->heard_at >= KAFKA_SILENCE_MS)
        note_kafka(p, result, &err);
    if (result == OK)
        consumer_measure_lag(p->consumer);
}

static enum result turn(struct pipeline *p, struct err *err)
{
    enum result result = collect(p, 0, false, err);

    if (result == FATAL)
        return FATAL;
    hand_over(p);
    result = batch_full(p->filling) ? wait_for_worker(p, err) : fill(p, err);
    look(p);
    return result;
}

/* What the worker has, and then what is gathered, gets one attempt each. */
static void drain(struct pipeline *p)
{
    struct err err;
    enum result result = OK;

    health_drain(p->health);
    worker_give_up(p->worker);
    if (!worker_idle(p->worker))
        result = collect(p, (int)p->settings->drain_timeout_ms, true, &err);
    if (result == OK && worker_idle(p->worker) && !batch_idle(p->filling)) {
        worker_give(p->worker, &p->filling);
        p->filling = TAKE(p->spare);
        worker_give_up(p->worker);
        result = collect(p, (int)p->settings->drain_timeout_ms, true, &err);
    }
    if (result == OK)
        log_info("all that was read is written");
    else
        log_info("stopping with records in hand, which the next indexer reads again");
}

/* Until Kafka has the topics. False: a stop was requested, or `*ret` is FATAL. */
static bool await_topics(struct pipeline *p, enum result *ret, struct err *err)
{
    for (unsigned attempts = 0; !stop_requested(); attempts++) {
        *ret = kafka_topics_ensure(p->settings, err);
        if (*ret == FATAL)
            return false;
        note_kafka(p, *ret, err);
        health_beat(p->health, p->watch);
        if (*ret == OK)
            return true;
        stop_sleep_ms((int)clock_backoff_ms(attempts, 100, START_BACKOFF_CAP_MS));
    }
    *ret = OK;
    return false;
}

enum result pipeline_run(struct pipeline *p, struct err *err)
{
    const struct consumer_events events = {.ctx = p, .revoked = revoked, .ended = ended};
    enum result result;

    if (!await_topics(p, &result, err))
        return result;
    result = consumer_new(p->settings, &events, &p->meters, &p->consumer, err);
    while (result != FATAL && !stop_requested())
        result = turn(p, err);
    if (result == FATAL)
        return FATAL;
    drain(p);
    return OK;
}
