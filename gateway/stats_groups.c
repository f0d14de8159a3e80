/* SPDX-License-Identifier: MIT */
#include "gateway/stats_groups.h"

#include "common/ident.h"
#include "common/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 128 };

struct stats_groups {
    struct stats_group *groups;
    size_t count, cap;
    uint32_t
        *slots; /* open addressing; index into groups + 1, 0: free. A power of two, half full */
    size_t slot_count;
    bool overflowed, sorted;
};

struct stats_groups *stats_groups_new(void)
{
    struct stats_groups *g = mem_zalloc(sizeof *g);
    g->slot_count = FIRST_SLOTS;
    g->slots = mem_zalloc(g->slot_count * sizeof *g->slots);
    return g;
}

void stats_groups_free(struct stats_groups *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->count; i++)
        free(g->groups[i]._text);
    free(g->groups);
    free(g->slots);
    free(g);
}

/* The slot of the group, or the free one where it belongs. */
static uint32_t *find_slot(struct stats_groups *g, struct slice service, struct slice action)
{
    size_t at = hash128_pair(service, action).low & (g->slot_count - 1);

    for (;; at = (at + 1) & (g->slot_count - 1)) {
        const struct stats_group *group = g->slots[at] ? &g->groups[g->slots[at] - 1] : NULL;
        if (!group || (slice_eq(group->service, service) && slice_eq(group->action, action)))
            return &g->slots[at];
    }
}

static void double_slots(struct stats_groups *g)
{
    free(g->slots);
    g->slot_count *= 2;
    g->slots = mem_zalloc(g->slot_count * sizeof *g->slots);
    for (size_t i = 0; i < g->count; i++)
        *find_slot(g, g->groups[i].service, g->groups[i].action) = (uint32_t)i + 1;
}

static struct stats_group *append(struct stats_groups *g, struct slice service, struct slice action)
{
    char *text = mem_alloc(service.len + action.len + 1);

    memcpy(text, service.data, service.len);
    memcpy(text + service.len, action.data, action.len);
    if (g->count == g->cap) {
        g->cap = g->cap ? g->cap * 2 : FIRST_SLOTS / 2;
        g->groups = mem_realloc(g->groups, g->cap * sizeof *g->groups);
    }
    g->groups[g->count] = (struct stats_group){
        .service = {text, service.len},
        .action = {text + service.len, action.len},
        ._text = text,
    };
    return &g->groups[g->count++];
}

static struct stats_group *find_or_append(struct stats_groups *g, struct slice service,
                                          struct slice action)
{
    uint32_t *slot = find_slot(g, service, action);

    if (*slot)
        return &g->groups[*slot - 1];
    if (g->count == STATS_GROUPS_MAX)
        return NULL;
    *slot = (uint32_t)g->count + 1;
    struct stats_group *group = append(g, service, action);
    if (g->count * 2 > g->slot_count)
        double_slots(g);
    return group;
}

void stats_groups_add(struct stats_groups *g, struct slice service, struct slice action,
                      enum severity severity, uint64_t n)
{
    assert(!g->sorted);
    if (n == 0)
        return;
    struct stats_group *group = find_or_append(g, service, action);
    if (!group) {
        g->overflowed = true;
        return;
    }
    group->count += n;
    group->severity[severity] += n;
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

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int order = compare_text(a->service, b->service);
    return order ? order : compare_text(a->action, b->action);
}

size_t stats_groups_top(struct stats_groups *g, size_t limit, const struct stats_group **ret)
{
    if (g->count > 0)
        qsort(g->groups, g->count, sizeof *g->groups, by_rank);
    g->sorted = true;
    *ret = g->groups;
    return g->count < limit ? g->count : limit;
}
