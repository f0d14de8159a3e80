/* SPDX-License-Identifier: MIT */
/* log_filter.h - which logs, as the document store understands it. Pure.
 *
 * Nothing of a client's becomes an operator or a field name: names come from our own list, and
 * values are appended as strings and dates.
 *
 * DESIGN. A page is a range of one index, so that its depth costs nothing. Each index begins with
 * the tenant and one filter and ends with (timestamp, _id), descending; oldest first reads it
 * backwards. "Older than (T, id)" is asked as two ranges, first those of the same T with a lesser
 * _id, then those before T. As one
 * condition, `timestamp <= T and (timestamp < T or _id < id)`, both MongoDB and DocumentDB read
 * all of T again for every page, which for logs that carry a date alone is a whole day.
 *
 * The index is named (`hint`), since DocumentDB left to itself does not choose by order: it gathers
 * all that matches and sorts it. Measured with 1,000,000 logs, newest 50: 1,400 ms, hinted 2 ms;
 * MongoDB takes the same index on its own. With several filters the hint takes the one which
 * narrows most as a rule, and the others are checked on the documents it gives. Any of several
 * values are no range in order: of fields whose values have few logs each they are gathered and
 * sorted (2 ms), of others the index by time alone is walked, as it is for filters without an
 * index. A walk that finds too little costs a second for each million logs of the range, and is
 * given up, with 503, at the time limit of every query (query_job.h). */
#pragma once

#include "gateway/cursor.h"
#include "gateway/query_params.h"

#include <bson/bson.h>

/* Both ends included, INT64_MIN and INT64_MAX for none. Empty when from_ms > to_ms. */
struct log_span {
    int64_t from_ms, to_ms;
    struct slice
        beyond_id; /* only ids less than it, or, oldest first, greater; data == NULL: all */
};

enum { LOG_SPANS_MAX = 2 };

/* The spans that hold the logs of `q` after position `after` (NULL: from the first), in the order
 * of `q`. Returns how many, 0 to LOG_SPANS_MAX. */
size_t log_filter_spans(const struct log_query *q, const struct log_position *after,
                        struct log_span spans[LOG_SPANS_MAX]);

/* Appended to an empty `out`: {tenant, service…, timestamp: {$gte, $lte}, _id: {$lt}}. */
void log_filter_match(bson_t *out, const struct log_query *q, struct slice tenant,
                      const struct log_span *span);
/* {tenant: 1, service: 1, timestamp: -1, _id: -1}, the keys of the index to take. */
void log_filter_hint(bson_t *out, const struct selection *s);
/* {timestamp: -1, _id: -1}, or 1 and 1. */
void log_filter_sort(bson_t *out, const struct log_query *q);
/* {timestamp: 1, service: 1}: of the members asked for; empty for all. */
void log_filter_projection(bson_t *out, const struct log_query *q);
