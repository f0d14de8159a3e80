/* SPDX-License-Identifier: MIT */
#include "indexer/inserter.h"

#include "common/ident.h"
#include "common/mem.h"
#include "indexer/batch.h"
#include "indexer/document.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { WORTH_TWO = 200 }; /* documents: below, one command is as fast */

/* One connection's share of the documents at hand. */
struct share {
    void *ctx;
    const bson_t *docs[BATCH_ENTRIES];
    size_t places[BATCH_ENTRIES]; /* theirs in the whole */
    size_t count;
    struct refusals refused;
    enum result result;
    struct err err;
};

struct inserter {
    insert_fn *insert;
    struct share mine, other;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of `is_given` and `quit`; `other` is the thread's while it is given */
    pthread_cond_t changed;
    bool is_given, quit;
};

static void insert_share(const struct inserter *in, struct share *s)
{
    s->result = s->count ? in->insert(s->ctx, s->docs, s->count, &s->refused, &s->err) : OK;
}

static void *run(void *arg)
{
    struct inserter *in = arg;

    pthread_mutex_lock(&in->lock);
    for (;;) {
        while (!in->quit && !in->is_given)
            pthread_cond_wait(&in->changed, &in->lock);
        if (in->quit)
            break;
        pthread_mutex_unlock(&in->lock);
        insert_share(in, &in->other);
        pthread_mutex_lock(&in->lock);
        in->is_given = false;
        pthread_cond_broadcast(&in->changed);
    }
    pthread_mutex_unlock(&in->lock);
    return NULL;
}

enum result inserter_new(insert_fn *insert, void *mine, void *other, struct inserter **ret,
                         struct err *err)
{
    AUTO(inserter) in = mem_zalloc(sizeof *in);

    in->insert = insert;
    in->mine.ctx = mine;
    in->other.ctx = other;
    pthread_mutex_init(&in->lock, NULL);
    pthread_cond_init(&in->changed, NULL);
    in->has_thread = pthread_create(&in->thread, NULL, run, in) == 0;
    if (!in->has_thread)
        return err_set(err, FATAL, "no thread for inserts");
    *ret = TAKE(in);
    return OK;
}

void inserter_free(struct inserter *in)
{
    if (!in)
        return;
    if (in->has_thread) {
        pthread_mutex_lock(&in->lock);
        in->quit = true;
        pthread_cond_broadcast(&in->changed);
        pthread_mutex_unlock(&in->lock);
        pthread_join(in->thread, NULL);
    }
    refusals_done(&in->mine.refused);
    refusals_done(&in->other.refused);
    pthread_cond_destroy(&in->changed);
    pthread_mutex_destroy(&in->lock);
    free(in);
}

static void split(struct inserter *in, const bson_t *const *docs, size_t count)
{
    in->mine.count = in->other.count = 0;
    for (size_t i = 0; i < count; i++) {
        struct share *s = hash64(document_place(docs[i]).id) & 1 ? &in->other : &in->mine;

        s->docs[s->count] = docs[i];
        s->places[s->count++] = i;
    }
}

static void give(struct inserter *in)
{
    pthread_mutex_lock(&in->lock);
    in->is_given = true;
    pthread_cond_broadcast(&in->changed);
    pthread_mutex_unlock(&in->lock);
}

static void await(struct inserter *in)
{
    pthread_mutex_lock(&in->lock);
    while (in->is_given)
        pthread_cond_wait(&in->changed, &in->lock);
    pthread_mutex_unlock(&in->lock);
}

static void gather(struct refusals *all, const struct share *s)
{
    all->whole = all->whole || s->refused.whole;
    for (size_t i = 0; i < s->refused.count; i++) {
        const struct refusal *r = &s->refused.items[i];

        if (r->index < s->count)
            refusals_add(all, s->places[r->index], r->code, r->text);
    }
}

enum result inserter_insert(struct inserter *in, const bson_t *const *docs, size_t count,
                            struct refusals *refused, struct err *err)
{
    assert(count <= BATCH_ENTRIES);
    if (count < WORTH_TWO)
        return in->insert(in->mine.ctx, docs, count, refused, err);

    split(in, docs, count);
    refusals_clear(&in->mine.refused);
    refusals_clear(&in->other.refused);
    give(in);
    insert_share(in, &in->mine);
    await(in);
    if (in->mine.result != OK || in->other.result != OK) {
        *err = in->mine.result != OK ? in->mine.err : in->other.err;
        return RETRY;
    }
    refusals_clear(refused);
    gather(refused, &in->mine);
    gather(refused, &in->other);
    return OK;
}
