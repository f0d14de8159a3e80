/* SPDX-License-Identifier: MIT */
/* deletion_body.h - the body of POST /admin/deletions: the filters of GET /logs as JSON. Pure.
 *
 *     {"service":"auth","severity":["info","warn"],"service!":"mail","metadata.cart.items":3,
 *      "endDate":"2026-01-01"}            or {"all":true}
 *
 * Each member is a parameter of that name, an array one that is repeated. Unlike there, a name that
 * is not known is refused: what it was meant to narrow would be deleted whole. */
#pragma once

#include "gateway/admin_body.h"
#include "schemas/selection.h"

struct deletion_body {
    bool all;
    struct buf filter; /* as the text of a query string */
    struct selection selection;
};

/* Fills a zeroed struct, and adds to the body's faults what is wrong with it. */
void deletion_body_read(struct admin_body *body, struct deletion_body *ret);
void deletion_body_done(struct deletion_body *d);
