/* SPDX-License-Identifier: MIT */
/* refusals.h - outputs that Kafka refused after it was given them, and what to do about it. Pure.
 *
 * A refusal kills a whole transaction and may name a whole batch, so the records up to it are done
 * again in smaller transactions, larger ones after each that went through; the record that is
 * refused all by itself is the one, and is treated more harshly each time, until it passes.
 * Outlives transactions and sessions. */
#pragma once

#include "common/auto.h"
#include "processor/task.h"

struct refusals;

struct refusals *refusals_new(size_t partitions);
void refusals_free(struct refusals *r);
DEFINE_AUTO(refusals)

/* What came of the raw record at `offset` was refused: as a dead letter, or enriched. `records`:
 * how many that transaction held. */
void refusals_note(struct refusals *r, int32_t partition, int64_t offset, bool dead_letter,
                   size_t records);
enum refusal refusals_of(const struct refusals *r, int32_t partition, int64_t offset);
/* Everything before `next_offset` is committed. */
void refusals_passed(struct refusals *r, int32_t partition, int64_t next_offset);
/* How many records a transaction may hold; SIZE_MAX while nothing is refused. */
size_t refusals_most(const struct refusals *r);
void refusals_widen(struct refusals *r); /* a transaction went through */
