/* SPDX-License-Identifier: MIT */
/* limits_json.h - the limits of a tenant as answers show them. Pure. */
#pragma once

#include "common/buf.h"

#include <stdint.h>

struct limits_view {
    int64_t in_force; /* requests per minute; 0: no limit */
    int64_t own;      /* the tenant's own; -1: none */
    int64_t most;     /* MAX_REQUESTS_PER_MINUTE; 0: no limit */
    const char *per;  /* "key" or "address": whose requests are counted together */
};

void limits_json_add(struct buf *out, const struct limits_view *view);
