/* SPDX-License-Identifier: MIT */
#include "gateway/rate_limit.h"

#include "common/ident.h"
#include "common/mem.h"

#include <pthread.h>
#include <stdlib.h>

enum { SETS = 16384, WAYS = 4, WINDOW_MS = 60000 };

struct window {
    uint64_t client; /* 0: free */
    int64_t began_ms, used;
};

struct rate_limit {
    pthread_mutex_t lock;
    struct window windows[SETS][WAYS];
};

struct rate_limit *rate_limit_new(void)
{
    struct rate_limit *l = mem_zalloc(sizeof *l);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void rate_limit_free(struct rate_limit *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* The client's window, or else the place of the one that began first. */
static struct window *find(struct window *set, uint64_t client)
{
    struct window *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].client == client)
            return &set[i];
        if (set[i].began_ms < oldest->began_ms)
            oldest = &set[i];
    }
    return oldest;
}

struct rate_verdict rate_limit_take(struct rate_limit *l, struct slice client, bool ingest,
                                    int64_t per_minute, int64_t now_ms)
{
    uint64_t key = hash64(client) << 2 | (ingest ? 3 : 1); /* never 0 */
    int64_t limit = ingest ? 2 * per_minute : per_minute;

    pthread_mutex_lock(&l->lock);
    struct window *w = find(l->windows[(key >> 2) % SETS], key);
    if (w->client != key || now_ms - w->began_ms >= WINDOW_MS)
        *w = (struct window){key, now_ms, 0};
    bool allowed = w->used < limit;
    if (allowed)
        w->used++;
    struct rate_verdict verdict = {
        .allowed = allowed,
        .limit = limit,
        .remaining = limit > w->used ? limit - w->used : 0, /* the limit may have fallen */
        .reset_s = (w->began_ms + WINDOW_MS - now_ms + 999) / 1000,
    };
    pthread_mutex_unlock(&l->lock);
    return verdict;
}
