/* SPDX-License-Identifier: MIT */
#include "gateway/watch.h"

#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"

#include <pthread.h>
#include <stdlib.h>

enum { EVERY_MS = 1000 };

struct watched {
    struct probe probe;
    struct watch_on *all;
    int check;
    pthread_t thread;
};

struct watch_on {
    struct health *health;
    void (*fatal)(void *ctx, const char *name, const char *why);
    void *ctx;
    size_t count;
    struct watched items[];
};

/* One line per change, not one per second; what is fatal is told by who is called for it. */
static void tell(struct watched *w, enum result result, enum result before, const struct err *err)
{
    health_set(w->all->health, w->check, result == OK, "%s", result == OK ? "" : err->text);
    if (result == before || result == FATAL)
        return;
    if (result == OK)
        log_info("%s is there", w->probe.name);
    else
        log_warn("%s is away, looking again every second: %s", w->probe.name, err->text);
}

static void *run(void *arg)
{
    struct watched *w = arg;
    enum result before = REJECT; /* neither there nor away */
    do {
        struct err err;
        enum result result = w->probe.look(w->probe.ctx, &err);
        tell(w, result, before, &err);
        before = result;
        if (result == FATAL)
            w->all->fatal(w->all->ctx, w->probe.name, err.text);
    } while (!stop_sleep_ms(EVERY_MS));
    return NULL;
}

struct watch_on *watch_on_new(struct health *health, const struct probe *probes, size_t count,
                              void (*fatal)(void *ctx, const char *name, const char *why),
                              void *ctx)
{
    struct watch_on *all = mem_zalloc(sizeof *all + count * sizeof all->items[0]);
    *all = (struct watch_on){.health = health, .fatal = fatal, .ctx = ctx, .count = count};
    for (size_t i = 0; i < count; i++) {
        struct watched *w = &all->items[i];
        w->probe = probes[i];
        w->all = all;
        w->check = health_add(health, probes[i].name, probes[i].required);
    }
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&all->items[i].thread, NULL, run, &all->items[i]) != 0)
            abort();
    return all;
}

void watch_on_free(struct watch_on *all)
{
    for (size_t i = 0; all && i < all->count; i++)
        pthread_join(all->items[i].thread, NULL);
    free(all);
}
