/* SPDX-License-Identifier: MIT */
/* stats_pipeline.h - one piece of a range as an aggregation, and its rows as counts. Pure.
 *
 * A bucket's value is the sum over its shards, so grouping by service and action and adding up the
 * cells is right for any number of buckets. */
#pragma once

#include "gateway/stats_groups.h"
#include "gateway/stats_range.h"

#include <bson/bson.h>

const char *stats_collection(const struct stats_piece *piece);
/* Appended to an empty `out`; `service` with data == NULL: any. */
void stats_pipeline(bson_t *out, const struct stats_piece *piece, struct slice tenant,
                    struct slice service);
void stats_pipeline_row(const struct stats_piece *piece, const bson_t *row,
                        struct stats_groups *groups);
