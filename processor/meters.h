/* SPDX-License-Identifier: MIT */
/* meters.h - how many records of each tenant one transaction read, and what became of them.
 * Pure. Bounded by the records of a transaction. */
#pragma once

#include "common/auto.h"
#include "schemas/stats.h"

struct meters;

enum meter { METER_PROCESSED, METER_REJECTED, METER_DUPLICATES };

struct meters *meters_new(void);
void meters_free(struct meters *m);
DEFINE_AUTO(meters)

void meters_count(struct meters *m, struct slice tenant, enum meter meter, int64_t append_ms);
/* The nth tenant's, until meters_clear; false past the last. */
bool meters_at(const struct meters *m, size_t nth, struct stats_meta *ret);
void meters_clear(struct meters *m);
