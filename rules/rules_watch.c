/* SPDX-License-Identifier: MIT */
#include "rules/rules_watch.h"

#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "rules/rules_reader.h"

#include <pthread.h>
#include <stdlib.h>

enum { EVERY_MS = 1000 };

struct rules_watch {
    struct rules_reader *reader; /* the thread's alone */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    struct rules *rules;
};

static void show(struct rules_watch *w, struct rules *rules)
{
    struct rules *before;

    pthread_mutex_lock(&w->lock);
    before = w->rules;
    w->rules = rules_share(rules);
    pthread_mutex_unlock(&w->lock);
    rules_free(before);
}

static void *run(void *arg)
{
    struct rules_watch *w = arg;
    bool away = false;

    do {
        struct err err;
        enum result result = rules_reader_refresh(w->reader, &err);

        if (result == OK)
            show(w, rules_reader_rules(w->reader));
        else if (!away)
            log_warn("going on with the rules for erasures as they were: %s", err.text);
        away = result != OK;
    } while (!stop_sleep_ms(EVERY_MS));
    return NULL;
}

enum result rules_watch_new(const struct settings *settings, struct rules_watch **ret,
                            struct err *err)
{
    AUTO(rules_watch) w = mem_zalloc(sizeof *w);
    enum result result = rules_reader_new(settings, &w->reader, err);

    pthread_mutex_init(&w->lock, NULL);
    if (result != OK)
        return result;
    if (pthread_create(&w->thread, NULL, run, w) != 0)
        return err_set(err, FATAL, "no thread for the rules");
    w->started = true;
    *ret = TAKE(w);
    return OK;
}

void rules_watch_free(struct rules_watch *w)
{
    if (!w)
        return;
    if (w->started) {
        stop_request();
        pthread_join(w->thread, NULL);
    }
    rules_free(w->rules);
    rules_reader_free(w->reader);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

struct rules *rules_watch_get(struct rules_watch *w)
{
    struct rules *rules;

    pthread_mutex_lock(&w->lock);
    rules = rules_share(w->rules);
    pthread_mutex_unlock(&w->lock);
    return rules;
}
