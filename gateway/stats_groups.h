/* SPDX-License-Identifier: MIT */
/* stats_groups.h - counts by (service, action) and severity, summed from many pieces. Pure. */
#pragma once

#include "common/auto.h"
#include "common/buf.h"
#include "schemas/record.h"

#include <stdint.h>

/* So many different actions are a mistake of the sender, such as an id in the action's name; past
 * them further ones are not kept, and stats_groups_overflowed says so. */
enum { STATS_GROUPS_MAX = 500000 };

struct stats_group {
    struct slice service, action;
    uint64_t count, severity[SEVERITY_COUNT];
    char *_text; /* owned: service and action */
};

struct stats_groups;

struct stats_groups *stats_groups_new(void);
void stats_groups_free(struct stats_groups *g);
DEFINE_AUTO(stats_groups)

void stats_groups_add(struct stats_groups *g, struct slice service, struct slice action,
                      enum severity severity, uint64_t n);
bool stats_groups_overflowed(const struct stats_groups *g);
/* The highest counts first, ties by service, then action; at most `limit` of them in *ret, which
 * lives as long as `g`. Returns how many. Nothing may be added afterwards. */
size_t stats_groups_top(struct stats_groups *g, size_t limit, const struct stats_group **ret);
