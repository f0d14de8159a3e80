/* SPDX-License-Identifier: MIT */
/* reject_query.h - what GET /admin/rejects asks for, checked, and where its pages end. Pure. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "schemas/fault.h"

#include <stdint.h>

enum { REJECTS_DEFAULT = 20, REJECTS_MAX = 100 };

struct reject_query {
    struct slice stage, reason, state; /* data == NULL: any */
    int64_t limit;
    struct slice cursor; /* data == NULL: the first page */
    struct buf _arena;
};

/* Fills a zeroed struct from what stands after the '?'. REJECT: `faults` says what is wrong. */
enum result reject_query_read(struct reject_query *q, struct slice query, struct faults *faults);
void reject_query_done(struct reject_query *q);

struct reject_place {
    int64_t at_ms;
    struct slice id;
};

/* As cursor.h: opaque, and good for the tenant and the filters that it came from alone. */
void reject_cursor_write(struct buf *out, const struct reject_query *q, struct slice tenant,
                         const struct reject_place *last);
bool reject_cursor_read(const struct reject_query *q, struct slice tenant, struct buf *arena,
                        struct reject_place *ret);
