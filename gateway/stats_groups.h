/* SPDX-License-Identifier: MIT */
/* stats_groups.h - counts by any of service, action, severity and outcome, and by a point in time,
 * summed from many pieces. Pure. */
#pragma once

#include "common/auto.h"
#include "common/buf.h"
#include "schemas/record.h"

#include <stdint.h>

enum stats_dimension { BY_SERVICE, BY_ACTION, BY_SEVERITY, BY_OUTCOME, STATS_DIMENSIONS };
const char *stats_dimension_name(enum stats_dimension d);
bool stats_dimension_parse(struct slice name, enum stats_dimension *ret);

/* What to tell apart, in the order in which it is shown. */
struct stats_grouping {
    enum stats_dimension order[STATS_DIMENSIONS];
    size_t count; /* 0: all is one group */
};
bool stats_grouping_has(const struct stats_grouping *by, enum stats_dimension d);

/* So many different actions are a mistake of the sender, such as an id in the action's name; past
 * them further ones are not kept, and stats_groups_overflowed says so. */
enum { STATS_GROUPS_MAX = 500000 };

struct stats_key {
    size_t point;                         /* in time; 0 when time is not told apart */
    struct slice names[STATS_DIMENSIONS]; /* data == NULL: not told apart */
};

struct stats_group {
    struct stats_key key;
    uint64_t count, severity[SEVERITY_COUNT];
    char *_text; /* owned: the names */
};

struct stats_groups;

struct stats_groups *stats_groups_new(void);
void stats_groups_free(struct stats_groups *g);
DEFINE_AUTO(stats_groups)
void stats_groups_clear(struct stats_groups *g); /* as if it were new */

void stats_groups_add(struct stats_groups *g, const struct stats_key *key, enum severity severity,
                      uint64_t n);
/* The same for all severities of one key, which does not tell them apart. */
void stats_groups_add_all(struct stats_groups *g, const struct stats_key *key,
                          const uint64_t n[SEVERITY_COUNT]);
bool stats_groups_overflowed(const struct stats_groups *g);
/* The earliest point first; within it the highest counts, ties by name. At most `limit` of them in
 * *ret, which lives as long as `g`. Returns how many. Nothing may be added afterwards. */
size_t stats_groups_top(struct stats_groups *g, size_t limit, const struct stats_group **ret);
