/* SPDX-License-Identifier: MIT */
#include "processor/tally.h"

#include "common/buf.h"
#include "common/ident.h"
#include "common/mem.h"

#include <stdlib.h>

struct text {
    uint32_t at, len; /* into the tally's bytes */
};

struct group {
    enum tally_kind kind;
    struct text key;
    int64_t expire_ms;
    uint32_t entries, first, last; /* a chain, in order of arrival */
};

struct entry {
    uint32_t group, next; /* place + 1; 0: the last */
    struct text member;
    int64_t n;
};

/* Open addressing over places + 1; at most half full. */
struct index {
    uint32_t *slots;
    size_t mask, used;
};

struct tally {
    struct buf bytes;
    struct group *groups;
    struct entry *entries;
    size_t group_count, group_cap, entry_count, entry_cap;
    struct index by_key, by_member;
};

enum { FIRST_SLOTS = 64 };

static void index_init(struct index *index, size_t slots)
{
    free(index->slots);
    index->slots = mem_zalloc(slots * sizeof *index->slots);
    index->mask = slots - 1;
    index->used = 0;
}

struct tally *tally_new(void)
{
    struct tally *t = mem_zalloc(sizeof *t);

    index_init(&t->by_key, FIRST_SLOTS);
    index_init(&t->by_member, FIRST_SLOTS);
    return t;
}

void tally_free(struct tally *t)
{
    if (!t)
        return;
    buf_done(&t->bytes);
    free(t->groups);
    free(t->entries);
    free(t->by_key.slots);
    free(t->by_member.slots);
    free(t);
}

static struct slice view(const struct tally *t, struct text text)
{
    return slice_make(t->bytes.data + text.at, text.len);
}

static struct text keep(struct tally *t, struct slice s)
{
    struct text text = {(uint32_t)t->bytes.len, (uint32_t)s.len};

    buf_add_slice(&t->bytes, s);
    return text;
}

static size_t key_hash(enum tally_kind kind, struct slice key)
{
    return hash64(key) + (size_t)kind * 0x9E3779B97F4A7C15u;
}

static size_t member_hash(size_t group, struct slice member)
{
    return hash64(member) ^ (group + 1) * 0x9E3779B97F4A7C15u;
}

static size_t find_group(const struct tally *t, enum tally_kind kind, struct slice key)
{
    size_t slot = key_hash(kind, key) & t->by_key.mask;

    for (; t->by_key.slots[slot]; slot = (slot + 1) & t->by_key.mask) {
        const struct group *g = &t->groups[t->by_key.slots[slot] - 1];

        if (g->kind == kind && slice_eq(view(t, g->key), key))
            break;
    }
    return slot;
}

static size_t find_entry(const struct tally *t, size_t group, struct slice member)
{
    size_t slot = member_hash(group, member) & t->by_member.mask;

    for (; t->by_member.slots[slot]; slot = (slot + 1) & t->by_member.mask) {
        const struct entry *e = &t->entries[t->by_member.slots[slot] - 1];

        if (e->group == group && slice_eq(view(t, e->member), member))
            break;
    }
    return slot;
}

static size_t group_of(struct tally *t, const struct tally_group *wanted)
{
    size_t slot = find_group(t, wanted->kind, wanted->key);

    if (t->by_key.slots[slot])
        return t->by_key.slots[slot] - 1;
    if (t->group_count == t->group_cap) {
        t->group_cap = t->group_cap ? t->group_cap * 2 : FIRST_SLOTS;
        t->groups = mem_realloc(t->groups, t->group_cap * sizeof *t->groups);
    }
    t->groups[t->group_count++] = (struct group){
        .kind = wanted->kind, .key = keep(t, wanted->key), .expire_ms = wanted->expire_ms};
    t->by_key.slots[slot] = (uint32_t)t->group_count;
    if (++t->by_key.used * 2 > t->by_key.mask) {
        index_init(&t->by_key, (t->by_key.mask + 1) * 2);
        for (t->by_key.used = 0; t->by_key.used < t->group_count; t->by_key.used++) {
            const struct group *g = &t->groups[t->by_key.used];

            t->by_key.slots[find_group(t, g->kind, view(t, g->key))] = (uint32_t)t->by_key.used + 1;
        }
    }
    return t->group_count - 1;
}

static void grow_members(struct tally *t)
{
    index_init(&t->by_member, (t->by_member.mask + 1) * 2);
    for (t->by_member.used = 0; t->by_member.used < t->entry_count; t->by_member.used++) {
        const struct entry *e = &t->entries[t->by_member.used];

        t->by_member.slots[find_entry(t, e->group, view(t, e->member))] =
            (uint32_t)t->by_member.used + 1;
    }
}

static struct entry *entry_add(struct tally *t, size_t group, size_t slot, struct slice member)
{
    struct group *g = &t->groups[group];

    if (t->entry_count == t->entry_cap) {
        t->entry_cap = t->entry_cap ? t->entry_cap * 2 : FIRST_SLOTS;
        t->entries = mem_realloc(t->entries, t->entry_cap * sizeof *t->entries);
    }
    t->entries[t->entry_count++] =
        (struct entry){.group = (uint32_t)group, .member = keep(t, member)};
    t->by_member.slots[slot] = (uint32_t)t->entry_count;
    *(g->last ? &t->entries[g->last - 1].next : &g->first) = (uint32_t)t->entry_count;
    g->last = (uint32_t)t->entry_count;
    g->entries++;
    if (++t->by_member.used * 2 > t->by_member.mask)
        grow_members(t);
    return &t->entries[t->entry_count - 1];
}

void tally_add(struct tally *t, const struct tally_group *wanted, struct slice member, int64_t n)
{
    size_t group = group_of(t, wanted);
    size_t slot = find_entry(t, group, member);
    bool is_new = !t->by_member.slots[slot];
    struct entry *e =
        is_new ? entry_add(t, group, slot, member) : &t->entries[t->by_member.slots[slot] - 1];

    switch (wanted->kind) {
    case TALLY_HASH:
    case TALLY_SORTED:
    case TALLY_UNIQUE:
        e->n += n;
        break;
    case TALLY_EARLIEST:
        e->n = is_new || n < e->n ? n : e->n;
        break;
    case TALLY_LATEST:
        e->n = is_new || n > e->n ? n : e->n;
        break;
    }
}

void tally_clear(struct tally *t)
{
    t->group_count = t->entry_count = 0;
    t->by_key.used = t->by_member.used = 0;
    memset(t->by_key.slots, 0, (t->by_key.mask + 1) * sizeof *t->by_key.slots);
    memset(t->by_member.slots, 0, (t->by_member.mask + 1) * sizeof *t->by_member.slots);
    buf_clear(&t->bytes);
}

size_t tally_entries(const struct tally *t)
{
    return t->entry_count;
}

size_t tally_groups(const struct tally *t)
{
    return t->group_count;
}

struct tally_group tally_group_at(const struct tally *t, size_t nth)
{
    const struct group *g = &t->groups[nth];

    return (struct tally_group){g->kind, view(t, g->key), g->expire_ms, g->entries};
}

bool tally_next(const struct tally *t, size_t group, size_t *at, struct tally_entry *ret)
{
    size_t place = *at == 0 ? t->groups[group].first : t->entries[*at - 1].next;

    if (place == 0)
        return false;
    *ret = (struct tally_entry){view(t, t->entries[place - 1].member), t->entries[place - 1].n};
    *at = place;
    return true;
}
