/* SPDX-License-Identifier: MIT */
#include "processor/dedupe.h"

#include "common/mem.h"

#include <assert.h>
#include <stdlib.h>

/* DESIGN: a ring of entries in append order, oldest at `head`, and beside it an open-addressing
 * index of ring places (linear probing, deletion by shifting back, so no tombstones pile up).
 * The index has 1.5 slots an entry: at 4 bytes each it costs less than a pointer, and probes stay
 * short. Both double until `max`, and are laid out anew when they do.
 *
 * Eight bits of a slot are of the id itself: a probe that passes another id's slot then nearly
 * always sees that there, and does not fetch the ring's entry from far away in memory. What will
 * be looked at a little later is fetched ahead: of the processor's time on busy cores, waiting for
 * these few places was 8 %, and is 3 %. */
enum { FIRST_CAP = 1024, PLACE_BITS = 24, PLACE_MASK = (1 << PLACE_BITS) - 1 };

struct entry {
    struct hash128 id;
    uint64_t content;
    int64_t append_ms;
};

struct dedupe {
    size_t max, cap, head, count, slot_count;
    int64_t window_ms;
    struct entry *ring;
    uint32_t *slots; /* tag, place in the ring + 1; 0: empty */
};

struct dedupe *dedupe_new(size_t max_ids, int64_t window_ms)
{
    struct dedupe *d = mem_zalloc(sizeof *d);

    assert(max_ids < PLACE_MASK);
    d->max = max_ids;
    d->window_ms = window_ms;
    return d;
}

void dedupe_free(struct dedupe *d)
{
    if (!d)
        return;
    free(d->ring);
    free(d->slots);
    free(d);
}

static size_t place_of(const struct dedupe *d, size_t nth)
{
    size_t place = d->head + nth;

    return place < d->cap ? place : place - d->cap;
}

/* Spreads the hash over any number of slots without a division (Lemire, "A fast alternative to
 * the modulo reduction"). */
static size_t home_of(const struct dedupe *d, struct hash128 id)
{
    return (size_t)(((id.low >> 32) * d->slot_count) >> 32);
}

static size_t next_slot(const struct dedupe *d, size_t slot)
{
    return slot + 1 < d->slot_count ? slot + 1 : 0;
}

static uint32_t tag_of(struct hash128 id)
{
    return (uint32_t)id.high & ~(uint32_t)PLACE_MASK;
}

static const struct entry *entry_in(const struct dedupe *d, size_t slot)
{
    return &d->ring[(d->slots[slot] & PLACE_MASK) - 1];
}

static void fill_slot(struct dedupe *d, size_t slot, size_t place)
{
    d->slots[slot] = tag_of(d->ring[place].id) | (uint32_t)(place + 1);
}

static bool holds(const struct dedupe *d, size_t slot, struct hash128 id)
{
    const struct entry *e = entry_in(d, slot);

    return e->id.low == id.low && e->id.high == id.high;
}

/* The slot that holds `id`, or the empty one where it would go. */
static size_t find_slot(const struct dedupe *d, struct hash128 id)
{
    size_t slot = home_of(d, id);

    while (d->slots[slot] &&
           ((d->slots[slot] & ~(uint32_t)PLACE_MASK) != tag_of(id) || !holds(d, slot, id)))
        slot = next_slot(d, slot);
    return slot;
}

/* Is `home` cyclically in (hole, slot]? Then the entry at `slot` may stay where it is. */
static bool stays(size_t hole, size_t home, size_t slot)
{
    if (hole <= slot)
        return hole < home && home <= slot;
    return hole < home || home <= slot;
}

static void empty_slot(struct dedupe *d, size_t hole)
{
    for (size_t slot = next_slot(d, hole); d->slots[slot]; slot = next_slot(d, slot)) {
        if (stays(hole, home_of(d, entry_in(d, slot)->id), slot))
            continue;
        d->slots[hole] = d->slots[slot];
        hole = slot;
    }
    d->slots[hole] = 0;
}

static void forget_oldest(struct dedupe *d)
{
    empty_slot(d, find_slot(d, d->ring[d->head].id));
    d->head = place_of(d, 1);
    d->count--;
}

/* Where the entry `nth` from the oldest will be looked for, and what may have to move up then. */
static void expect_forgetting(const struct dedupe *d)
{
    enum { SLOTS_AHEAD = 8, ENTRIES_AHEAD = 4 };

    if (d->count < SLOTS_AHEAD)
        return;
    __builtin_prefetch(&d->slots[home_of(d, d->ring[place_of(d, SLOTS_AHEAD - 1)].id)]);
    size_t slot = home_of(d, d->ring[place_of(d, ENTRIES_AHEAD - 1)].id);
    for (size_t next = next_slot(d, slot); d->slots[next]; next = next_slot(d, next))
        __builtin_prefetch(entry_in(d, next));
}

void dedupe_expect(const struct dedupe *d, struct hash128 id)
{
    if (d->count > 0)
        __builtin_prefetch(&d->slots[home_of(d, id)]);
}

static void grow(struct dedupe *d)
{
    size_t cap = d->cap ? d->cap * 2 : FIRST_CAP;
    struct entry *ring;

    cap = cap < d->max ? cap : d->max;
    ring = mem_alloc(cap * sizeof *ring);
    for (size_t i = 0; i < d->count; i++)
        ring[i] = d->ring[place_of(d, i)];
    free(d->ring);
    free(d->slots);
    d->ring = ring;
    d->head = 0;
    d->cap = cap;
    d->slot_count = cap + cap / 2 + 1;
    d->slots = mem_zalloc(d->slot_count * sizeof *d->slots);
    for (size_t i = 0; i < d->count; i++)
        fill_slot(d, find_slot(d, ring[i].id), i);
}

enum dedupe_verdict dedupe_check(struct dedupe *d, struct hash128 id, uint64_t content,
                                 int64_t append_ms)
{
    size_t slot;

    while (d->count && d->ring[d->head].append_ms < append_ms - d->window_ms)
        forget_oldest(d);
    if (d->count == 0)
        return DEDUPE_NEW;
    slot = find_slot(d, id);
    if (!d->slots[slot])
        return DEDUPE_NEW;
    return entry_in(d, slot)->content == content ? DEDUPE_SAME : DEDUPE_CONFLICT;
}

void dedupe_add(struct dedupe *d, struct hash128 id, uint64_t content, int64_t append_ms)
{
    size_t place;

    if (d->window_ms == 0)
        return;
    if (d->count == d->max) {
        expect_forgetting(d);
        forget_oldest(d);
    } else if (d->count == d->cap) {
        grow(d);
    }
    place = place_of(d, d->count);
    d->ring[place] = (struct entry){id, content, append_ms};
    fill_slot(d, find_slot(d, id), place);
    d->count++;
}

size_t dedupe_count(const struct dedupe *d)
{
    return d->count;
}

int64_t dedupe_covered_ms(const struct dedupe *d)
{
    if (d->count == 0)
        return 0;
    return d->ring[place_of(d, d->count - 1)].append_ms - d->ring[d->head].append_ms;
}
