/* SPDX-License-Identifier: MIT */
/* query_params.h - what the query string of a reading request says, checked. Pure.
 *
 * Unknown parameters count for nothing. A known name that is repeated or has brackets
 * (`userId[$ne]`, with which other services hand operators to their store) is not the plain value
 * that it must be, and is refused. All faults are reported, in the order of the fields here. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "schemas/selection.h"

#include <stdint.h>

enum { FIELDS_MAX = 50 };

enum count_mode { COUNT_EXACT, COUNT_NONE, COUNT_DEFAULT };

/* Which logs, and which part of them. */
struct log_query {
    struct selection s;
    bool oldest_first;
    int64_t page, limit;
    enum count_mode count;
    struct slice fields[FIELDS_MAX]; /* members to show, by path; none inside another */
    size_t field_count;              /* 0: all */
    struct slice cursor;             /* data == NULL: a page by number */
    struct buf _arena;               /* what the slices point into */
};

/* Fills a zeroed struct from what stands after the '?'. REJECT: `faults` says what is wrong. The
 * struct owns memory in either case. */
enum result log_query_read(struct log_query *q, struct slice query, struct faults *faults);
void log_query_done(struct log_query *q);
