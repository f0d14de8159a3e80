/* SPDX-License-Identifier: MIT */
/* selection_reading.h - between the two steps of selection_read: what a query string says of each
 * field, gathered, and not checked yet. Private to schemas/. */
#pragma once

#include "schemas/selection.h"

/* A parameter that is no filter: given once, as a plain value. */
struct single {
    const char *name;
    struct slice value;
    unsigned times;
    bool bracketed, negated;
};

enum { START, END, WORDS, SINGLES };

/* In `s`: the filters, sorted, with their values as they came. */
struct reading {
    struct selection *s;
    struct faults *faults;
    struct single singles[SINGLES];
    bool bad_path, too_many;
};

void selection_gather(struct reading *r, struct slice query);
int selection_compare(struct slice a, struct slice b); /* as memcmp, the shorter first */
