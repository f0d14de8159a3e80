/* SPDX-License-Identifier: MIT */
/* record_of.h - a record read from JSON in a test. */
#pragma once

#include "schemas/record.h"

static inline void record_of(struct record *r, const char *json)
{
    const struct record_rules rules = {.origin = RECORD_KAFKA, .index = -1};
    struct faults faults = {0};
    struct err err;

    assert_int_equal(record_parse(r, slice_of(json), &rules, &faults, &err), OK);
    faults_done(&faults);
}
