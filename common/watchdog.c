/* SPDX-License-Identifier: MIT */
#include "common/watchdog.h"

#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_MS = 1000 };

struct watchdog {
    struct health *health;
    int64_t patience_ms, look_ms;
    void (*act)(void *ctx, const char *stalled);
    void *ctx;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards `ended` */
    pthread_cond_t end;
    bool ended;
};

/* True once _free has been called. */
static bool sleep_until_end(struct watchdog *w, int64_t ms)
{
    struct timespec until;
    bool ended;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&w->mutex);
    while (!w->ended && pthread_cond_timedwait(&w->end, &w->mutex, &until) == 0)
        continue;
    ended = w->ended;
    pthread_mutex_unlock(&w->mutex);
    return ended;
}

static void *run(void *arg)
{
    struct watchdog *w = arg;
    int64_t silent_ms = 0;

    while (!sleep_until_end(w, w->look_ms) && !stop_requested()) {
        silent_ms = health_live(w->health) ? 0 : silent_ms + w->look_ms;
        if (silent_ms < w->patience_ms)
            continue;
        AUTO_BUF stalled = {0};
        health_render_live(w->health, &stalled);
        w->act(w->ctx, buf_text(&stalled));
        break;
    }
    return NULL;
}

struct watchdog *watchdog_new(struct health *health, int64_t patience_ms,
                              void (*act)(void *ctx, const char *stalled), void *ctx)
{
    pthread_condattr_t monotonic;
    struct watchdog *w;

    if (patience_ms == 0)
        return NULL;
    w = mem_zalloc(sizeof *w);
    w->health = health;
    w->patience_ms = patience_ms;
    w->look_ms = patience_ms < LOOK_MS ? patience_ms : LOOK_MS;
    w->act = act;
    w->ctx = ctx;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->end, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&w->thread, NULL, run, w) != 0)
        abort();
    return w;
}

void watchdog_free(struct watchdog *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->mutex);
    w->ended = true;
    pthread_cond_signal(&w->end);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->end);
    pthread_mutex_destroy(&w->mutex);
    free(w);
}

void watchdog_abort(void *ctx, const char *stalled)
{
    (void)ctx;
    log_error("a worker is stuck, ending so that the supervisor starts this program again: %s",
              stalled);
    abort();
}
