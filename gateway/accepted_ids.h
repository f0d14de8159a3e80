/* SPDX-License-Identifier: MIT */
/* accepted_ids.h - which ids this gateway had acknowledged lately, so that a look-up of one that is
 * not stored yet can answer "pending" instead of "not found". Bounded: a ring of hashes, the oldest
 * forgotten first, none older than the time limit. Thread-safe. */
#pragma once

#include "common/auto.h"
#include "common/slice.h"

#include <stdint.h>

struct accepted_ids;

struct accepted_ids *accepted_ids_new(size_t capacity, int64_t keep_ms);
void accepted_ids_free(struct accepted_ids *a);
DEFINE_AUTO(accepted_ids)

/* `now_ms` is monotonic, clock_mono_ms(). */
void accepted_ids_add(struct accepted_ids *a, struct slice tenant, const struct slice *ids,
                      size_t count, int64_t now_ms);
bool accepted_ids_has(struct accepted_ids *a, struct slice tenant, struct slice id, int64_t now_ms);
