/* SPDX-License-Identifier: MIT */
/* zone_rule.h - a POSIX TZ string, "CET-1CEST,M3.5.0,M10.5.0/3", as zone files end with. Pure. */
#pragma once

#include "common/slice.h"

#include <stdint.h>

struct zone_change {
    enum { CHANGE_JULIAN, CHANGE_DAY, CHANGE_WEEKDAY } kind; /* Jn, n, Mm.w.d */
    int month, week, day;
    int64_t time_s; /* local, of the clock before the change */
};

struct zone_rule {
    int64_t standard_s, summer_s; /* ahead of UTC */
    bool has_summer;
    struct zone_change begins, ends; /* of summer time */
};

bool zone_rule_parse(struct slice text, struct zone_rule *ret);
int64_t zone_rule_offset_s(const struct zone_rule *r, int64_t utc_s);
