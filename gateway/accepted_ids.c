/* SPDX-License-Identifier: MIT */
/* DESIGN: a ring of entries, and a hash table of chains through them. Adding overwrites the oldest
 * entry, after unlinking it from its chain. Ids are kept as 128-bit hashes: at 200,000 of them a
 * false "pending" is less likely than a broken machine. */
#include "gateway/accepted_ids.h"

#include "common/ident.h"
#include "common/mem.h"

#include <pthread.h>
#include <stdlib.h>

enum { NONE = -1, AT_ONCE = 32 };

struct entry {
    struct hash128 hash;
    int64_t at_ms;
    int32_t next; /* in the chain */
    bool used;
};

struct accepted_ids {
    pthread_mutex_t lock;
    int64_t keep_ms;
    size_t capacity, oldest, chain_count; /* chain_count is a power of two */
    int32_t *chains;
    struct entry *entries;
};

struct accepted_ids *accepted_ids_new(size_t capacity, int64_t keep_ms)
{
    struct accepted_ids *a = mem_zalloc(sizeof *a);
    pthread_mutex_init(&a->lock, NULL);
    a->keep_ms = keep_ms;
    a->capacity = capacity;
    for (a->chain_count = 1; a->chain_count < capacity;)
        a->chain_count *= 2;
    a->entries = mem_zalloc(capacity * sizeof a->entries[0]);
    a->chains = mem_alloc(a->chain_count * sizeof a->chains[0]);
    for (size_t i = 0; i < a->chain_count; i++)
        a->chains[i] = NONE;
    return a;
}

void accepted_ids_free(struct accepted_ids *a)
{
    if (!a)
        return;
    pthread_mutex_destroy(&a->lock);
    free(a->entries);
    free(a->chains);
    free(a);
}

static int32_t *chain_of(struct accepted_ids *a, struct hash128 hash)
{
    return &a->chains[hash.low & (a->chain_count - 1)];
}

static void forget(struct accepted_ids *a, size_t index)
{
    int32_t *link = chain_of(a, a->entries[index].hash);
    while (*link != (int32_t)index)
        link = &a->entries[*link].next;
    *link = a->entries[index].next;
}

static void add(struct accepted_ids *a, struct hash128 hash, int64_t now_ms)
{
    size_t index = a->oldest;
    a->oldest = (index + 1) % a->capacity;
    if (a->entries[index].used)
        forget(a, index);
    int32_t *chain = chain_of(a, hash);
    a->entries[index] = (struct entry){hash, now_ms, *chain, true};
    *chain = (int32_t)index;
}

/* Where an id goes, and the one that it drives out, is far apart in memory: fetched for some ids
 * together, the waits overlap. */
static void add_some(struct accepted_ids *a, struct slice tenant, const struct slice *ids,
                     size_t count, int64_t now_ms)
{
    struct hash128 hashes[AT_ONCE];

    for (size_t i = 0; i < count; i++) {
        hashes[i] = hash128_pair(tenant, ids[i]);
        __builtin_prefetch(chain_of(a, hashes[i]), 1);
    }
    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(chain_of(a, a->entries[(a->oldest + i) % a->capacity].hash), 1);
    for (size_t i = 0; i < count; i++)
        add(a, hashes[i], now_ms);
    pthread_mutex_unlock(&a->lock);
}

void accepted_ids_add(struct accepted_ids *a, struct slice tenant, const struct slice *ids,
                      size_t count, int64_t now_ms)
{
    for (size_t done = 0, more; done < count; done += more) {
        more = count - done < AT_ONCE ? count - done : AT_ONCE;
        add_some(a, tenant, ids + done, more, now_ms);
    }
}

bool accepted_ids_has(struct accepted_ids *a, struct slice tenant, struct slice id, int64_t now_ms)
{
    struct hash128 hash = hash128_pair(tenant, id);
    bool found = false;
    pthread_mutex_lock(&a->lock);
    for (int32_t i = *chain_of(a, hash); i != NONE && !found; i = a->entries[i].next) {
        const struct entry *e = &a->entries[i];
        found =
            e->hash.low == hash.low && e->hash.high == hash.high && now_ms - e->at_ms <= a->keep_ms;
    }
    pthread_mutex_unlock(&a->lock);
    return found;
}
