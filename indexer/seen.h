/* SPDX-License-Identifier: MIT */
/* seen.h - which ids were met lately: a guess that costs nothing when it is wrong. It forgets when
 * others need the room, and may take one id for another. Pure. */
#pragma once

#include "common/auto.h"
#include "common/slice.h"

struct seen;

struct seen *seen_new(void);
void seen_free(struct seen *s);
DEFINE_AUTO(seen)

void seen_add(struct seen *s, struct slice id);
bool seen_has(const struct seen *s, struct slice id);
