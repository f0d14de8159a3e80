/* SPDX-License-Identifier: MIT */
/* param.h - single parameters of a query string, read and checked in the words of clients. Pure.
 *
 * A name that is repeated or has brackets is not the plain value that it must be. */
#pragma once

#include "common/buf.h"
#include "schemas/fault.h"

#include <stdint.h>

struct param {
    const char *name;
    struct slice value; /* the last one, decoded; data == NULL: absent */
    unsigned times;
    bool bracketed;
};

/* Fills `params`, of which the names are given; `arena`, empty, is what their values point into. */
void params_read(struct param *params, size_t count, struct slice query, struct buf *arena);
bool param_is_plain(const struct param *p); /* given once, without brackets */
void param_fault(const struct param *p, const char *must, struct faults *faults);
/* data == NULL when absent. */
struct slice param_text(const struct param *p, struct faults *faults);
/* From 1 to `max` (0: no bound); `standard` when absent. */
int64_t param_number(const struct param *p, int64_t standard, int64_t max, struct faults *faults);
/* The place of the value among `names`; `standard` when absent. */
size_t param_choice(const struct param *p, const char *const *names, size_t count, size_t standard,
                    struct faults *faults);
