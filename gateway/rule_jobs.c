/* SPDX-License-Identifier: MIT */
#include "gateway/rule_jobs.h"

#include "common/clock.h"
#include "common/ident.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "gateway/rule_store.h"
#include "gateway/rule_sweep.h"
#include "gateway/rule_wait.h"

#include <pthread.h>
#include <stdlib.h>

enum { EVERY_MS = 300, JOBS = 20, TURN_MS = 1000, ID_MAX = 128, SILENCE_MS = 120000 };

struct rule_jobs {
    struct gateway *gateway;
    struct rule_wait *wait;
    pthread_t thread;
    int watch;
    bool away;
    char owner[UUID_LEN + 1];
};

struct job {
    struct rule_jobs *all;
    const bson_t *rule;
    struct rule_target *target;
    struct rule_lease lease;
    bool ours;
};

/* --- one job --- */

static void beat(const struct rule_jobs *j)
{
    health_beat(j->gateway->health, j->watch);
}

static enum result set(struct job *job, const bson_t *fields, struct err *err)
{
    return rule_store_set(job->all->gateway->store, &job->lease, fields, &job->ours, err);
}

static void append_progress(bson_t *fields, const struct rule_progress *p)
{
    BSON_APPEND_INT64(fields, "to", p->to_ms);
    BSON_APPEND_BOOL(fields, "userDone", p->user_done);
    BSON_APPEND_INT64(fields, "scanned", p->scanned);
    BSON_APPEND_INT64(fields, "changed", p->changed);
}

static enum result enter(struct job *job, const char *state, struct rule_progress *p,
                         struct err *err)
{
    bson_t fields = BSON_INITIALIZER;
    enum result result;

    p->to_ms = INT64_MAX;
    p->user_done = false;
    p->scanned = 0;
    append_progress(&fields, p);
    BSON_APPEND_UTF8(&fields, "state", state);
    if (strcmp(state, "done") == 0)
        BSON_APPEND_DATE_TIME(&fields, "finishedAt", clock_wall_ms());
    result = set(job, &fields, err);
    bson_destroy(&fields);
    return result;
}

static struct rule_progress progress_of(const bson_t *rule)
{
    bson_iter_t it;
    struct rule_progress p = {
        .to_ms = INT64_MAX,
        .user_done = rule_document_flag(rule, "userDone"),
        .scanned = rule_document_number(rule, "scanned"),
        .changed = rule_document_number(rule, "changed"),
    };

    if (bson_iter_init_find(&it, rule, "to"))
        p.to_ms = bson_iter_as_int64(&it);
    return p;
}

static enum result begin(struct job *job, struct err *err)
{
    struct rule_progress p = {.to_ms = INT64_MAX};
    bson_t ends = BSON_INITIALIZER;
    int64_t version;
    enum result result = rule_store_publish(job->all->gateway->store, job->lease.id, &version, err);

    if (result == OK)
        result = rule_wait_ends(job->all->wait, &ends, err);
    if (result == OK)
        result = set(job, &ends, err);
    if (result == OK && job->ours)
        result = enter(job, job->target->kind == RULE_RETENTION ? "waiting" : "running", &p, err);
    bson_destroy(&ends);
    return result;
}

static enum result sweep_rejects(struct job *job, struct rule_progress *p, struct err *err)
{
    int64_t at_ms = INT64_MAX;
    enum result result = OK;

    for (bool done = false; result == OK && !done && !stop_requested();) {
        result = rule_sweep_rejects(job->all->gateway->store, job->target, &at_ms, &p->changed,
                                    &done, err);
        beat(job->all);
    }
    if (result == OK && stop_requested())
        return err_set(err, RETRY, "stopping");
    return result;
}

/* Steps, each written down, for about TURN_MS. */
static enum result sweep(struct job *job, const char *next, struct err *err)
{
    struct rule_progress p = progress_of(job->rule);
    int64_t until_ms = clock_mono_ms() + TURN_MS;
    enum result result = OK;
    bool done = false;

    while (result == OK && job->ours && !done && clock_mono_ms() < until_ms && !stop_requested()) {
        bson_t fields = BSON_INITIALIZER;

        result = rule_sweep(job->all->gateway->store, job->target, &p, &done, err);
        append_progress(&fields, &p);
        if (result == OK)
            result = set(job, &fields, err);
        bson_destroy(&fields);
    }
    if (result == OK && done && job->target->kind == RULE_ERASURE)
        result = sweep_rejects(job, &p, err);
    return result == OK && done && job->ours ? enter(job, next, &p, err) : result;
}

static enum result await(struct job *job, struct err *err)
{
    struct rule_progress p = progress_of(job->rule);
    bool passed = false;
    enum result result = rule_wait_passed(job->all->wait, job->rule, &passed, err);

    return result == OK && passed ? enter(job, "confirming", &p, err) : result;
}

static enum result turn(struct job *job, struct err *err)
{
    const char *state = job->lease.state;

    if (strcmp(state, "accepted") == 0)
        return begin(job, err);
    if (strcmp(state, "running") == 0)
        return sweep(job, "waiting", err);
    if (strcmp(state, "waiting") == 0)
        return await(job, err);
    return sweep(job, "done", err);
}

/* The tenant's retention as it is now. */
static enum result read_setting(struct job *job, bson_t **ret, struct err *err)
{
    *ret = NULL;
    if (!slice_is(rule_document_text(job->rule, "kind"), "retention"))
        return OK;
    return rule_store_find_id(job->all->gateway->store, SETTINGS_COLLECTION, job->lease.id, ret,
                              err);
}

static enum result work_on(struct rule_jobs *all, const bson_t *rule, struct err *err)
{
    const struct slice id = rule_document_text(rule, "_id"),
                       state = rule_document_text(rule, "state");
    struct job job = {.all = all,
                      .rule = rule,
                      .lease = {.id = id.data, .owner = all->owner, .state = state.data}};
    struct rule_progress none = {.to_ms = INT64_MAX};
    bson_t *setting = NULL;
    enum result result = set(&job, NULL, err);

    if (result == OK && job.ours)
        result = read_setting(&job, &setting, err);
    if (result == OK && job.ours) {
        job.target = rule_target_new(rule, setting);
        result = job.target ? turn(&job, err) : enter(&job, "failed", &none, err);
    }
    rule_target_free(job.target);
    bson_destroy(setting);
    return result;
}

/* --- all of them --- */

struct open_jobs {
    bson_t *docs[JOBS];
    size_t count;
};

static bool keep_job(void *ctx, const bson_t *doc)
{
    struct open_jobs *open = ctx;

    open->docs[open->count++] = bson_copy(doc);
    return open->count < JOBS;
}

/* Those that have waited longest for a turn. */
static enum result find_open(struct store *store, struct open_jobs *open, struct err *err)
{
    static const char *const states[] = {"accepted", "running", "waiting", "confirming"};
    bson_t filter = BSON_INITIALIZER, order = BSON_INITIALIZER, among, list;
    const struct store_query query = {.collection = RULES_COLLECTION,
                                      .filter = &filter,
                                      .sort = &order,
                                      .limit = JOBS,
                                      .limit_ms = RULE_OPERATION_MS};
    const struct store_rows rows = {keep_job, open};
    enum result result;

    BSON_APPEND_DOCUMENT_BEGIN(&filter, "state", &among);
    BSON_APPEND_ARRAY_BEGIN(&among, "$in", &list);
    for (uint32_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        char text[16];
        const char *key;
        size_t len = bson_uint32_to_string(i, &key, text, sizeof text);

        bson_append_utf8(&list, key, (int)len, states[i], -1);
    }
    bson_append_array_end(&among, &list);
    bson_append_document_end(&filter, &among);
    BSON_APPEND_INT32(&order, "updatedAt", 1);
    result = store_read(store, &query, &rows, err);
    bson_destroy(&filter);
    bson_destroy(&order);
    return result;
}

static void look(struct rule_jobs *j)
{
    struct open_jobs open = {.count = 0};
    struct err err;
    enum result result = find_open(j->gateway->store, &open, &err);

    for (size_t i = 0; i < open.count; i++) {
        if (result == OK && !stop_requested())
            result = work_on(j, open.docs[i], &err);
        bson_destroy(open.docs[i]);
        beat(j);
    }
    if (result != OK && !j->away)
        log_warn("erasures, deletions and retention wait: %s", err.text);
    j->away = result != OK;
    beat(j);
}

static void *run(void *arg)
{
    struct rule_jobs *j = arg;

    do
        look(j);
    while (!stop_sleep_ms(EVERY_MS));
    return NULL;
}

struct rule_jobs *rule_jobs_new(struct gateway *gateway)
{
    struct rule_jobs *j = mem_zalloc(sizeof *j);

    j->gateway = gateway;
    j->wait = rule_wait_new(gateway->settings, gateway->redis);
    j->watch = health_watch(gateway->health, "rule_jobs", SILENCE_MS);
    uuid_v7(clock_wall_ms(), j->owner);
    if (pthread_create(&j->thread, NULL, run, j) != 0)
        abort(); /* as out of memory: the supervisor starts us again */
    return j;
}

void rule_jobs_free(struct rule_jobs *j)
{
    if (!j)
        return;
    stop_request();
    pthread_join(j->thread, NULL);
    rule_wait_free(j->wait);
    free(j);
}
