/* SPDX-License-Identifier: MIT */
/* retention_body.h - the body of PUT /admin/retention. Pure. */
#pragma once

#include "gateway/admin_body.h"
#include "rules/retention.h"

struct retention_body {
    int64_t days;
    struct retention_rule rules[RETENTION_RULES_MAX]; /* text is the body's */
    size_t count;
};

/* Adds to the body's faults what is wrong with it. */
void retention_body_read(struct admin_body *body, struct retention_body *ret);
