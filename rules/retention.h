/* SPDX-License-Identifier: MIT */
/* retention.h - for how many days a tenant's logs are kept, by service and severity. Pure.
 *
 * The most specific rule decides: service and severity, then service, then severity, then the
 * tenant's default. */
#pragma once

#include "common/slice.h"
#include "schemas/record.h"

#include <stddef.h>
#include <stdint.h>

enum { RETENTION_DAYS_MAX = 36500, RETENTION_RULES_MAX = 100 };

struct retention_rule {
    struct slice service; /* data == NULL: any; borrowed */
    bool has_severity;
    enum severity severity;
    int64_t days;
};

struct retention {
    int64_t days;
    const struct retention_rule *rules; /* borrowed */
    size_t count;
};

int64_t retention_days(const struct retention *r, struct slice service, struct slice severity);
int64_t retention_least_days(const struct retention *r);
