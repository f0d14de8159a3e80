/* SPDX-License-Identifier: MIT */
#include "indexer/worker.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "indexer/dead_letters.h"
#include "indexer/indexes.h"
#include "indexer/lanes.h"
#include "indexer/store.h"
#include "indexer/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    BACKOFF_BASE_MS = 50,
    BACKOFF_CAP_MS = 5000,
    PING_EVERY_MS = 1000,
    SILENCE_MS = 120000,
    INDEX_EVERY_MS = 60000
};

struct worker {
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* of what follows, up to the blank line */
    pthread_cond_t changed;
    struct batch *batch; /* owned; with `done`, the consumer's to take */
    bool done, give_up, quit;
    enum result outcome;
    struct err failure;

    struct store *store;  /* from here on the thread's alone */
    struct store *second; /* the lanes' own */
    struct lanes *lanes;
    struct dead_letters *letters;
    struct writer *writer;
    struct health *health;
    struct meters *meters;
    int check, watch;
    int64_t indexed_at; /* 0: not since the store was last away */
    bool away, lacks_index;
};

static void wait_until(struct worker *w, int64_t mono_ms)
{
    struct timespec until = {mono_ms / 1000, (mono_ms % 1000) * 1000000};

    pthread_cond_timedwait(&w->changed, &w->lock, &until);
}

/* Tells /readyz how the store is, and logs when that changes. */
static void note_store(struct worker *w, enum result result, const struct err *err)
{
    if (result == OK)
        health_set(w->health, w->check, true, "ok");
    else
        health_set(w->health, w->check, false, "%s", err->text);
    if (result != OK && !w->away)
        log_warn("nothing can be written now, retrying: %s", err->text);
    if (result == OK && w->away)
        log_info("writing again");
    if (result != OK)
        w->indexed_at = 0;
    w->away = result != OK;
}

/* Again every minute too: a database may be dropped while the store is up. */
static enum result ensure_indexes(struct worker *w, struct err *err)
{
    enum result result;

    if (w->indexed_at && clock_mono_ms() - w->indexed_at < INDEX_EVERY_MS)
        return OK;
    result = indexes_ensure(w->store, err);
    if (result == RETRY)
        return RETRY;
    if (result == REJECT && !w->lacks_index)
        log_warn("an index cannot be created, going on without: %s", err->text);
    w->lacks_index = result == REJECT;
    w->indexed_at = clock_mono_ms();
    return OK;
}

static enum result attempt(struct worker *w, struct batch *b, struct err *err)
{
    enum result result = ensure_indexes(w, err);

    if (result == OK)
        result = writer_write(w->writer, b, err);
    if (result == RETRY)
        metric_add(w->meters->retries, 1);
    note_store(w, result, err);
    health_beat(w->health, w->watch);
    return result;
}

/* True when the batch, or all of us, should be let go. */
static bool back_off(struct worker *w, unsigned attempts)
{
    int64_t until = clock_mono_ms() + clock_backoff_ms(attempts, BACKOFF_BASE_MS, BACKOFF_CAP_MS);
    bool over;

    pthread_mutex_lock(&w->lock);
    while (!w->give_up && !w->quit && clock_mono_ms() < until)
        wait_until(w, until);
    over = w->give_up || w->quit;
    pthread_mutex_unlock(&w->lock);
    return over;
}

static enum result write_batch(struct worker *w, struct batch *b, struct err *err)
{
    int64_t begun_us = clock_mono_us();
    enum result result = attempt(w, b, err);

    for (unsigned attempts = 0; result == RETRY; attempts++) {
        if (back_off(w, attempts))
            return REJECT;
        result = attempt(w, b, err);
    }
    if (result == OK)
        meters_batch(w->meters, b, (double)(clock_mono_us() - begun_us) / 1e6, clock_wall_ms());
    return result;
}

static void look_at_store(struct worker *w)
{
    struct err err;
    enum result result = store_ping(w->store, &err);

    if (result == OK)
        result = ensure_indexes(w, &err);
    note_store(w, result, &err);
    health_beat(w->health, w->watch);
}

/* The next batch to write, NULL when a second passed without one or all is over. */
static struct batch *next_batch(struct worker *w, bool *quit)
{
    int64_t until = clock_mono_ms() + PING_EVERY_MS;
    struct batch *b;

    pthread_mutex_lock(&w->lock);
    while (!w->quit && (!w->batch || w->done) && clock_mono_ms() < until)
        wait_until(w, until);
    *quit = w->quit;
    b = w->done ? NULL : w->batch;
    pthread_mutex_unlock(&w->lock);
    return b;
}

static void finish(struct worker *w, enum result outcome, const struct err *err)
{
    pthread_mutex_lock(&w->lock);
    w->outcome = outcome;
    if (outcome != OK)
        w->failure = *err;
    w->done = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void *run(void *arg)
{
    struct worker *w = arg;
    bool quit = false;

    look_at_store(w);
    while (!quit) {
        struct batch *b = next_batch(w, &quit);
        struct err err;

        if (b && !quit) {
            enum result outcome = write_batch(w, b, &err);

            finish(w, outcome, &err);
        } else if (!quit) {
            look_at_store(w);
        }
    }
    return NULL;
}

static void init_lock(struct worker *w)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

enum result worker_new(const struct settings *settings, struct health *health,
                       struct meters *meters, struct worker **ret, struct err *err)
{
    AUTO(worker) w = mem_zalloc(sizeof *w);
    enum result result;

    init_lock(w);
    w->health = health;
    w->meters = meters;
    w->check = health_add(health, "document_store", true);
    w->watch = health_watch(health, "writer", SILENCE_MS);
    result = store_new(settings, &w->store, err);
    if (result == OK)
        result = store_new(settings, &w->second, err);
    if (result == OK)
        result = lanes_new(lanes_store_write, w->store, w->second, &w->lanes, err);
    if (result == OK)
        result = dead_letters_new(settings, &w->letters, err);
    if (result != OK)
        return result;
    w->writer = writer_new(settings, w->store, w->lanes, w->letters);
    if (pthread_create(&w->thread, NULL, run, w) != 0)
        return err_set(err, FATAL, "the writer thread cannot be started");
    w->started = true;
    *ret = TAKE(w);
    return OK;
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    if (w->started) {
        pthread_mutex_lock(&w->lock);
        w->quit = true;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    batch_free(w->batch);
    writer_free(w->writer);
    dead_letters_free(w->letters);
    lanes_free(w->lanes);
    store_free(w->second);
    store_free(w->store);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

bool worker_idle(struct worker *w)
{
    bool idle;

    pthread_mutex_lock(&w->lock);
    idle = !w->batch;
    pthread_mutex_unlock(&w->lock);
    return idle;
}

void worker_give(struct worker *w, struct batch **batch)
{
    pthread_mutex_lock(&w->lock);
    w->batch = TAKE(*batch);
    w->done = w->give_up = false;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

enum result worker_take(struct worker *w, int timeout_ms, struct batch **ret, struct err *err)
{
    int64_t until = clock_mono_ms() + timeout_ms;
    enum result result = RETRY;

    pthread_mutex_lock(&w->lock);
    while (w->batch && !w->done && clock_mono_ms() < until)
        wait_until(w, until);
    if (w->batch && w->done) {
        result = w->outcome;
        if (result != OK)
            *err = w->failure;
        *ret = TAKE(w->batch);
        w->done = false;
    }
    pthread_mutex_unlock(&w->lock);
    return result;
}

void worker_give_up(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->give_up = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}
