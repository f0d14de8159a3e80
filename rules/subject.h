/* SPDX-License-Identifier: MIT */
/* subject.h - whom a record that was refused is about. Pure.
 *
 * A refused record may be anything, so this looks for userId and actor.id (and in a CloudEvent for
 * those of its data), and of what is no JSON for the quoted name anywhere in it: rather one refused
 * record too many is forgotten than one too few. */
#pragma once

#include "common/slice.h"

bool subject_is(struct slice value, struct slice key, struct slice user_id);
