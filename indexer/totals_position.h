/* SPDX-License-Identifier: MIT */
/* totals_position.h - up to where a total was added, for each partition of the stats topic. Pure.
 *
 *     positions: {"3": {o: 1742, t: 2026-11-22T10:00:00.000Z}}
 *
 * The greatest offset, and the greatest time, Kafka's, of what was added: a record at or before
 * both is a redelivery. A topic that was made anew counts its offsets from the beginning, but its
 * records are later than any that was added. */
#pragma once

#include <bson/bson.h>

/* Where a stats record lies, and when Kafka got it. */
struct totals_place {
    int32_t partition;
    int64_t offset, append_ms;
};

/* What one update takes from each partition. A zeroed struct is a valid empty one. */
struct totals_stretches {
    struct totals_stretch *items;
    size_t count, cap;
};

void totals_stretches_done(struct totals_stretches *s);
/* Records of a partition come in their order. */
void totals_stretches_add(struct totals_stretches *s, struct totals_place at);

/* Matches a total to which nothing of these was added. */
void totals_stretches_append_filter(const struct totals_stretches *s, bson_t *selector);
/* Moves its position behind them. */
void totals_stretches_append_update(const struct totals_stretches *s, bson_t *update);

/* What that makes of a total that is not there: {"3": {o: …, t: …}} */
void totals_stretches_append_positions(const struct totals_stretches *s, bson_t *positions);

/* Does `total`, as the store has it, have this record already? */
bool totals_position_has(const bson_t *total, struct totals_place at);
