/* SPDX-License-Identifier: MIT */
#include "gateway/stats_groups.h"

#include "common/ident.h"
#include "common/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 128 };

struct stats_groups {
    struct stats_group *groups;
    size_t count, cap;
    uint32_t
        *slots; /* open addressing; index into groups + 1, 0: free. A power of two, half full */
    size_t slot_count;
    bool overflowed, sorted;
};

static const char *const dimensions[STATS_DIMENSIONS] = {"service", "action", "severity",
                                                         "outcome"};

const char *stats_dimension_name(enum stats_dimension d)
{
    return dimensions[d];
}

bool stats_dimension_parse(struct slice name, enum stats_dimension *ret)
{
    for (enum stats_dimension d = 0; d < STATS_DIMENSIONS; d++) {
        if (slice_is(name, dimensions[d])) {
            *ret = d;
            return true;
        }
    }
    return false;
}

bool stats_grouping_has(const struct stats_grouping *by, enum stats_dimension d)
{
    for (size_t i = 0; i < by->count; i++)
        if (by->order[i] == d)
            return true;
    return false;
}

struct stats_groups *stats_groups_new(void)
{
    struct stats_groups *g = mem_zalloc(sizeof *g);
    g->slot_count = FIRST_SLOTS;
    g->slots = mem_zalloc(g->slot_count * sizeof *g->slots);
    return g;
}

void stats_groups_clear(struct stats_groups *g)
{
    for (size_t i = 0; i < g->count; i++)
        free(g->groups[i]._text);
    memset(g->slots, 0, g->slot_count * sizeof *g->slots);
    g->count = 0;
    g->overflowed = g->sorted = false;
}

void stats_groups_free(struct stats_groups *g)
{
    if (!g)
        return;
    stats_groups_clear(g);
    free(g->groups);
    free(g->slots);
    free(g);
}

static uint64_t hash_key(const struct stats_key *key)
{
    const uint64_t parts[] = {
        hash128_pair(key->names[BY_SERVICE], key->names[BY_ACTION]).low,
        hash128_pair(key->names[BY_SEVERITY], key->names[BY_OUTCOME]).low,
        key->point,
    };
    return hash64(slice_make(parts, sizeof parts));
}

static bool same_key(const struct stats_key *a, const struct stats_key *b)
{
    if (a->point != b->point)
        return false;
    for (size_t d = 0; d < STATS_DIMENSIONS; d++)
        if (!slice_eq(a->names[d], b->names[d]))
            return false;
    return true;
}

/* The slot of the group, or the free one where it belongs. */
static uint32_t *find_slot(struct stats_groups *g, const struct stats_key *key)
{
    size_t at = hash_key(key) & (g->slot_count - 1);

    for (;; at = (at + 1) & (g->slot_count - 1))
        if (!g->slots[at] || same_key(&g->groups[g->slots[at] - 1].key, key))
            return &g->slots[at];
}

static void double_slots(struct stats_groups *g)
{
    free(g->slots);
    g->slot_count *= 2;
    g->slots = mem_zalloc(g->slot_count * sizeof *g->slots);
    for (size_t i = 0; i < g->count; i++)
        *find_slot(g, &g->groups[i].key) = (uint32_t)i + 1;
}

/* The same names in memory of the group's own. */
static void keep_names(struct stats_group *group)
{
    size_t len = 0;

    for (size_t d = 0; d < STATS_DIMENSIONS; d++)
        len += group->key.names[d].len;
    group->_text = mem_alloc(len + 1);
    len = 0;
    for (size_t d = 0; d < STATS_DIMENSIONS; d++) {
        struct slice *name = &group->key.names[d];
        if (!name->data)
            continue;
        memcpy(group->_text + len, name->data, name->len);
        name->data = group->_text + len;
        len += name->len;
    }
}

static struct stats_group *append(struct stats_groups *g, const struct stats_key *key)
{
    if (g->count == g->cap) {
        g->cap = g->cap ? g->cap * 2 : FIRST_SLOTS / 2;
        g->groups = mem_realloc(g->groups, g->cap * sizeof *g->groups);
    }
    g->groups[g->count] = (struct stats_group){.key = *key};
    keep_names(&g->groups[g->count]);
    return &g->groups[g->count++];
}

static struct stats_group *find_or_append(struct stats_groups *g, const struct stats_key *key)
{
    uint32_t *slot = find_slot(g, key);

    if (*slot)
        return &g->groups[*slot - 1];
    if (g->count == STATS_GROUPS_MAX)
        return NULL;
    *slot = (uint32_t)g->count + 1;
    struct stats_group *group = append(g, key);
    if (g->count * 2 > g->slot_count)
        double_slots(g);
    return group;
}

void stats_groups_add_all(struct stats_groups *g, const struct stats_key *key,
                          const uint64_t n[SEVERITY_COUNT])
{
    uint64_t sum = 0;

    assert(!g->sorted);
    for (int s = 0; s < SEVERITY_COUNT; s++)
        sum += n[s];
    if (sum == 0)
        return;
    struct stats_group *group = find_or_append(g, key);
    if (!group) {
        g->overflowed = true;
        return;
    }
    group->count += sum;
    for (int s = 0; s < SEVERITY_COUNT; s++)
        group->severity[s] += n[s];
}

void stats_groups_add(struct stats_groups *g, const struct stats_key *key, enum severity severity,
                      uint64_t n)
{
    uint64_t all[SEVERITY_COUNT] = {0};

    all[severity] = n;
    stats_groups_add_all(g, key, all);
}

bool stats_groups_overflowed(const struct stats_groups *g)
{
    return g->overflowed;
}

static int compare_text(struct slice a, struct slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_rank(const void *left, const void *right)
{
    const struct stats_group *a = left, *b = right;
    int order = 0;

    if (a->key.point != b->key.point)
        return a->key.point < b->key.point ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    for (size_t d = 0; d < STATS_DIMENSIONS && order == 0; d++)
        order = compare_text(a->key.names[d], b->key.names[d]);
    return order;
}

size_t stats_groups_top(struct stats_groups *g, size_t limit, const struct stats_group **ret)
{
    if (g->count > 0)
        qsort(g->groups, g->count, sizeof *g->groups, by_rank);
    g->sorted = true;
    *ret = g->groups;
    return g->count < limit ? g->count : limit;
}
