/* SPDX-License-Identifier: MIT */
#include "indexer/lanes.h"

#include "common/ident.h"
#include "common/mem.h"
#include "schemas/bson_member.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

/* Below, one command is as fast. An upsert takes as long as five inserts. */
enum { INSERTS_WORTH_TWO = 200, UPSERTS_WORTH_TWO = 40 };

/* One connection's share of the changes at hand. */
struct share {
    void *ctx;
    enum collection collection;
    struct change changes[LANES_MAX];
    size_t places[LANES_MAX]; /* theirs in the whole */
    size_t count;
    struct refusals refused;
    enum result result;
    struct err err;
};

struct lanes {
    write_fn *write;
    struct share mine, other;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of `is_given` and `quit`; `other` is the thread's while it is given */
    pthread_cond_t changed;
    bool is_given, quit;
};

enum result lanes_store_write(void *store, enum collection c, const struct change *changes,
                              size_t count, struct refusals *refused, struct err *err)
{
    return store_write(store, c, changes, count, refused, err);
}

static void write_share(const struct lanes *l, struct share *s)
{
    s->result =
        s->count ? l->write(s->ctx, s->collection, s->changes, s->count, &s->refused, &s->err) : OK;
}

static void *run(void *arg)
{
    struct lanes *l = arg;

    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (!l->quit && !l->is_given)
            pthread_cond_wait(&l->changed, &l->lock);
        if (l->quit)
            break;
        pthread_mutex_unlock(&l->lock);
        write_share(l, &l->other);
        pthread_mutex_lock(&l->lock);
        l->is_given = false;
        pthread_cond_broadcast(&l->changed);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

enum result lanes_new(write_fn *write, void *mine, void *other, struct lanes **ret, struct err *err)
{
    AUTO(lanes) l = mem_zalloc(sizeof *l);

    l->write = write;
    l->mine.ctx = mine;
    l->other.ctx = other;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    l->has_thread = other && pthread_create(&l->thread, NULL, run, l) == 0;
    if (other && !l->has_thread)
        return err_set(err, FATAL, "no thread for the second lane");
    *ret = TAKE(l);
    return OK;
}

void lanes_free(struct lanes *l)
{
    if (!l)
        return;
    if (l->has_thread) {
        pthread_mutex_lock(&l->lock);
        l->quit = true;
        pthread_cond_broadcast(&l->changed);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
    }
    refusals_done(&l->mine.refused);
    refusals_done(&l->other.refused);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static void split(struct lanes *l, enum collection c, const struct change *changes, size_t count)
{
    l->mine.count = l->other.count = 0;
    l->mine.collection = l->other.collection = c;
    for (size_t i = 0; i < count; i++) {
        bool odd = hash64(bson_text_of(changes[i].doc, "_id")) & 1;
        struct share *s = odd ? &l->other : &l->mine;

        s->changes[s->count] = changes[i];
        s->places[s->count++] = i;
    }
}

static void give(struct lanes *l)
{
    pthread_mutex_lock(&l->lock);
    l->is_given = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void await(struct lanes *l)
{
    pthread_mutex_lock(&l->lock);
    while (l->is_given)
        pthread_cond_wait(&l->changed, &l->lock);
    pthread_mutex_unlock(&l->lock);
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

static bool is_worth_two(const struct lanes *l, const struct change *changes, size_t count)
{
    return l->has_thread && count > 0 &&
           count >= (changes[0].update ? UPSERTS_WORTH_TWO : INSERTS_WORTH_TWO);
}

enum result lanes_write(struct lanes *l, enum collection c, const struct change *changes,
                        size_t count, struct refusals *refused, struct err *err)
{
    assert(count <= LANES_MAX);
    if (!is_worth_two(l, changes, count))
        return l->write(l->mine.ctx, c, changes, count, refused, err);

    split(l, c, changes, count);
    refusals_clear(&l->mine.refused);
    refusals_clear(&l->other.refused);
    give(l);
    write_share(l, &l->mine);
    await(l);
    if (l->mine.result != OK || l->other.result != OK) {
        *err = l->mine.result != OK ? l->mine.err : l->other.err;
        return RETRY;
    }
    refusals_clear(refused);
    gather(refused, &l->mine);
    gather(refused, &l->other);
    return OK;
}
