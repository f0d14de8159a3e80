/* SPDX-License-Identifier: MIT */
/* export_slots.h - how many exports may be under way at once: EXPORTS_MAX in a gateway, and one
 * less of a tenant, so that one tenant's slow readers never keep all others out. Any thread; two
 * that ask at the same moment may both be let in where one should be, never beyond EXPORTS_MAX. */
#pragma once

#include "common/slice.h"

#include <stdatomic.h>
#include <stdint.h>

enum { EXPORTS_MAX = 4, EXPORTS_OF_TENANT_MAX = 3 };

struct export_slots {
    _Atomic uint64_t owners[EXPORTS_MAX]; /* 0: free */
};

bool export_slots_take(struct export_slots *s, struct slice tenant);
/* Once for each that was taken. */
void export_slots_give(struct export_slots *s, struct slice tenant);
size_t export_slots_taken(const struct export_slots *s);
