/* SPDX-License-Identifier: MIT */
#include "processor/shards.h"

#include "common/ident.h"
#include "common/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* DESIGN: the three names of a bucket are kept once, as a `series`, and a bucket is found by
 * (series, window, start). A minute points at its hour, an hour at its day.
 *
 * Each window has a list of its own, ordered by use, and an equal share of the memory: with events
 * of scattered times, of which each opens a minute, days would otherwise be forgotten as soon as
 * minutes are, and a day counted in as many shards as it has events.
 *
 * No pointer is left to a bucket that is gone, since no window may keep more buckets than a coarser
 * one. An hour that is beyond the share has as many hours before it, each used with a minute of its
 * own; so the hour's minutes are beyond theirs, and minutes go first. */
struct series {
    struct series *next; /* in its hash chain */
    uint64_t hash;
    size_t refs; /* buckets */
    size_t tenant_len, service_len, action_len;
    char text[];
};

struct bucket {
    struct bucket *next; /* in its hash chain */
    struct bucket *older, *newer;
    struct bucket *parent;     /* minute: its hour; hour: its day; day: NULL */
    struct bucket *next_dirty; /* minutes only */
    struct series *series;
    int64_t start_ms, first_ms, last_ms, offset, append_ms;
    enum window window;
    bool dirty;
    struct cells cells;
    struct cells delta[]; /* one, in minutes only */
};

/* The open buckets of a window, by use. */
struct used {
    struct bucket *oldest, *newest;
    size_t count;
};

struct shards {
    int32_t partition;
    size_t share; /* of each window */
    struct series **series;
    size_t series_mask, series_count;
    struct bucket **buckets;
    size_t bucket_mask, bucket_count;
    struct used used[WINDOW_COUNT];
    struct bucket *dirty, **dirty_end;
};

enum { FIRST_CHAINS = 256 };

struct shards *shards_new(int32_t partition, size_t max_buckets)
{
    struct shards *s = mem_zalloc(sizeof *s);

    s->partition = partition;
    s->share = max_buckets / WINDOW_COUNT;
    s->series = mem_zalloc(FIRST_CHAINS * sizeof(struct series *));
    s->series_mask = FIRST_CHAINS - 1;
    s->buckets = mem_zalloc(FIRST_CHAINS * sizeof(struct bucket *));
    s->bucket_mask = FIRST_CHAINS - 1;
    s->dirty_end = &s->dirty;
    return s;
}

static void free_buckets(struct bucket *b)
{
    while (b) {
        struct bucket *newer = b->newer;

        if (--b->series->refs == 0)
            free(b->series);
        free(b);
        b = newer;
    }
}

void shards_free(struct shards *s)
{
    if (!s)
        return;
    for (int w = 0; w < WINDOW_COUNT; w++)
        free_buckets(s->used[w].oldest);
    free(s->series);
    free(s->buckets);
    free(s);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * 0x9E3779B97F4A7C15u;
    return a ^ (a >> 32);
}

static void grow_series(struct shards *s)
{
    size_t mask = s->series_mask * 2 + 1;
    struct series **chains = mem_zalloc((mask + 1) * sizeof(struct series *));

    for (size_t i = 0; i <= s->series_mask; i++) {
        for (struct series *at = s->series[i]; at;) {
            struct series *next = at->next;

            at->next = chains[at->hash & mask];
            chains[at->hash & mask] = at;
            at = next;
        }
    }
    free(s->series);
    s->series = chains;
    s->series_mask = mask;
}

static bool series_is(const struct series *at, uint64_t hash, const struct shards_event *e)
{
    return at->hash == hash && at->tenant_len == e->tenant.len &&
           at->service_len == e->service.len && at->action_len == e->action.len &&
           memcmp(at->text, e->tenant.data, e->tenant.len) == 0 &&
           memcmp(at->text + at->tenant_len, e->service.data, e->service.len) == 0 &&
           memcmp(at->text + at->tenant_len + at->service_len, e->action.data, e->action.len) == 0;
}

static struct series *series_of(struct shards *s, const struct shards_event *e)
{
    uint64_t hash = mix(mix(hash64(e->tenant), hash64(e->service)), hash64(e->action));
    struct series *at = s->series[hash & s->series_mask];

    while (at && !series_is(at, hash, e))
        at = at->next;
    if (at)
        return at;

    if (s->series_count > s->series_mask)
        grow_series(s);
    at = mem_zalloc(sizeof *at + e->tenant.len + e->service.len + e->action.len);
    at->hash = hash;
    at->tenant_len = e->tenant.len;
    at->service_len = e->service.len;
    at->action_len = e->action.len;
    memcpy(at->text, e->tenant.data, e->tenant.len);
    memcpy(at->text + e->tenant.len, e->service.data, e->service.len);
    memcpy(at->text + e->tenant.len + e->service.len, e->action.data, e->action.len);
    at->next = s->series[hash & s->series_mask];
    s->series[hash & s->series_mask] = at;
    s->series_count++;
    return at;
}

static void series_drop(struct shards *s, struct series *series)
{
    struct series **at = &s->series[series->hash & s->series_mask];

    if (--series->refs > 0)
        return;
    while (*at != series)
        at = &(*at)->next;
    *at = series->next;
    s->series_count--;
    free(series);
}

static size_t chain_of(const struct series *series, enum window window, int64_t start_ms,
                       size_t mask)
{
    return (size_t)mix(series->hash + (uint64_t)window, (uint64_t)start_ms) & mask;
}

static void grow_buckets(struct shards *s)
{
    size_t mask = s->bucket_mask * 2 + 1;
    struct bucket **chains = mem_zalloc((mask + 1) * sizeof(struct bucket *));

    for (int w = 0; w < WINDOW_COUNT; w++) {
        for (struct bucket *b = s->used[w].oldest; b; b = b->newer) {
            size_t chain = chain_of(b->series, b->window, b->start_ms, mask);

            b->next = chains[chain];
            chains[chain] = b;
        }
    }
    free(s->buckets);
    s->buckets = chains;
    s->bucket_mask = mask;
}

static void unlink_used(struct used *u, struct bucket *b)
{
    *(b->older ? &b->older->newer : &u->oldest) = b->newer;
    *(b->newer ? &b->newer->older : &u->newest) = b->older;
}

static void link_newest(struct used *u, struct bucket *b)
{
    b->newer = NULL;
    b->older = u->newest;
    *(u->newest ? &u->newest->newer : &u->oldest) = b;
    u->newest = b;
}

static struct bucket *bucket_open(struct shards *s, struct series *series, enum window window,
                                  int64_t start_ms, const struct shards_event *e)
{
    size_t chain;
    struct bucket *b = mem_zalloc(sizeof *b + (window == WINDOW_MINUTE ? sizeof(struct cells) : 0));

    if (s->bucket_count > s->bucket_mask)
        grow_buckets(s);
    b->series = series;
    b->window = window;
    b->start_ms = start_ms;
    b->first_ms = b->last_ms = e->timestamp_ms;
    b->offset = e->offset;
    b->append_ms = e->append_ms;
    chain = chain_of(series, window, start_ms, s->bucket_mask);
    b->next = s->buckets[chain];
    s->buckets[chain] = b;
    series->refs++;
    s->bucket_count++;
    s->used[window].count++;
    link_newest(&s->used[window], b);
    return b;
}

static struct bucket *bucket_of(struct shards *s, struct series *series, enum window window,
                                const struct shards_event *e)
{
    int64_t start_ms = window_start(window, e->timestamp_ms);
    struct bucket *b = s->buckets[chain_of(series, window, start_ms, s->bucket_mask)];

    while (b && (b->series != series || b->window != window || b->start_ms != start_ms))
        b = b->next;
    return b ? b : bucket_open(s, series, window, start_ms, e);
}

static void mark_dirty(struct shards *s, struct bucket *minute)
{
    if (minute->dirty)
        return;
    minute->dirty = true;
    minute->next_dirty = NULL;
    *s->dirty_end = minute;
    s->dirty_end = &minute->next_dirty;
}

void shards_count(struct shards *s, const struct shards_event *e)
{
    struct series *series = series_of(s, e);
    struct bucket *minute = bucket_of(s, series, WINDOW_MINUTE, e);
    size_t cell = cell_of(e->severity, e->outcome);

    if (!minute->parent)
        minute->parent = bucket_of(s, series, WINDOW_HOUR, e);
    if (!minute->parent->parent)
        minute->parent->parent = bucket_of(s, series, WINDOW_DAY, e);

    for (struct bucket *b = minute; b; b = b->parent) {
        b->cells.n[cell]++;
        b->first_ms = e->timestamp_ms < b->first_ms ? e->timestamp_ms : b->first_ms;
        b->last_ms = e->timestamp_ms > b->last_ms ? e->timestamp_ms : b->last_ms;
        unlink_used(&s->used[b->window], b);
        link_newest(&s->used[b->window], b);
    }
    minute->delta->n[cell]++;
    mark_dirty(s, minute);
}

enum { SHARD_NAME_MAX = 64 };

static struct stats_shard shard_of(const struct shards *s, const struct bucket *b,
                                   char name[SHARD_NAME_MAX])
{
    int len = snprintf(name, SHARD_NAME_MAX, "%" PRId32 ":%" PRId64 ":%" PRId64, s->partition,
                       b->offset, b->append_ms);

    return (struct stats_shard){b->start_ms, b->first_ms, b->last_ms, slice_make(name, (size_t)len),
                                b->cells};
}

static enum result emit_minute(const struct shards *s, const struct bucket *minute,
                               shards_emit_fn *emit, void *ctx, struct err *err)
{
    const struct series *series = minute->series;
    char names[WINDOW_COUNT][SHARD_NAME_MAX];
    struct stats_bucket out = {
        .tenant = {series->text, series->tenant_len},
        .service = {series->text + series->tenant_len, series->service_len},
        .action = {series->text + series->tenant_len + series->service_len, series->action_len},
        .delta = minute->delta[0],
    };

    for (const struct bucket *b = minute; b; b = b->parent)
        out.windows[b->window] = shard_of(s, b, names[b->window]);
    return emit(ctx, &out, err);
}

enum result shards_emit(struct shards *s, shards_emit_fn *emit, void *ctx, struct err *err)
{
    for (struct bucket *minute = s->dirty; minute; minute = minute->next_dirty) {
        enum result result = emit_minute(s, minute, emit, ctx, err);

        if (result != OK)
            return result;
        minute->delta[0] = (struct cells){0};
        minute->dirty = false;
    }
    s->dirty = NULL;
    s->dirty_end = &s->dirty;
    return OK;
}

static void drop_oldest(struct shards *s, struct used *u)
{
    struct bucket *b = u->oldest, **at;

    assert(!b->dirty);
    at = &s->buckets[chain_of(b->series, b->window, b->start_ms, s->bucket_mask)];
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    unlink_used(u, b);
    u->count--;
    series_drop(s, b->series);
    s->bucket_count--;
    free(b);
}

void shards_trim(struct shards *s)
{
    for (int w = 0; w < WINDOW_COUNT; w++) /* from the finest on */
        while (s->used[w].count > s->share)
            drop_oldest(s, &s->used[w]);
}

size_t shards_open(const struct shards *s)
{
    return s->bucket_count;
}
