/* SPDX-License-Identifier: MIT */
/* count_params.h - what the query strings of /logs/histogram and /logs/facets say besides their
 * filters, checked. Pure. */
#pragma once

#include "common/err.h"
#include "schemas/selection.h"
#include "schemas/stats.h"

struct histogram_query {
    struct selection s;
    bool is_auto; /* the interval is ours to choose */
    enum window interval;
    enum selection_field by; /* severity, service, action or outcome */
};

enum { FACETS_MAX = SELECT_METADATA };

struct facets_query {
    struct selection s;
    enum selection_field fields[FACETS_MAX]; /* none twice, in the client's order */
    size_t field_count;
};

/* Fill a zeroed struct. REJECT: `faults` says what is wrong. It owns memory in either case. */
enum result histogram_query_read(struct histogram_query *q, struct slice query,
                                 struct faults *faults);
enum result facets_query_read(struct facets_query *q, struct slice query, struct faults *faults);
