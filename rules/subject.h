/* SPDX-License-Identifier: MIT */
/* subject.h - whom a record that was refused may be about. Pure.
 *
 * A refused record may be anything, so whatever stands under a member named userId, actor or
 * actorId, however deep, may be a user's id; in what is no JSON, every word and all that is quoted;
 * and always the key. Rather one refused record too many is forgotten than one too few. */
#pragma once

#include "common/slice.h"

/* Calls `is` with each until one call is true, and returns whether one was. */
bool subject_any(struct slice value, struct slice key, bool (*is)(void *ctx, struct slice user_id),
                 void *ctx);
