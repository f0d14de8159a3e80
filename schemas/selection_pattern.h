/* SPDX-License-Identifier: MIT */
/* selection_pattern.h - texts of a selection as ranges and regular expressions of the store, in
 * which nothing of a client's has a meaning of its own. Pure. Private to schemas/. */
#pragma once

#include "common/buf.h"

/* The first text, in order, behind all that begin with `prefix`; false when there is none. */
bool selection_successor(struct buf *out, struct slice prefix);
/* `^user\.`: all that begins with it. */
void selection_pattern_prefix(struct buf *out, struct slice prefix);
/* `[uU][sS]…`: our own folding, so that the store's and selection_matches' cannot differ. */
void selection_pattern_word(struct buf *out, struct slice word);
