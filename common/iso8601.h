/* SPDX-License-Identifier: MIT */
/* iso8601.h - timestamps as the service reads and shows them. Pure.
 *
 * Reads the ISO 8601 forms of ECMA-262 "Date Time String Format" plus any offset
 * (`Z`, `+02:00`, `+0200`, `+02`), `2026`, `2026-11`, `2026-11-22`, and
 * `2026-11-22T10:00[:00[.fff…]]`, also with a space for the `T`; without an offset: UTC; fractions
 * beyond milliseconds are cut.
 * Refuses dates that do not exist, hour 24 and second 60. Years 0000 to 9999. */
#pragma once

#include "common/slice.h"

#include <stdint.h>

enum { ISO8601_LEN = 24 }; /* 2026-11-22T10:00:00.000Z */

bool iso8601_parse(struct slice text, int64_t *ret_ms);
/* Writes exactly ISO8601_LEN bytes, no NUL. */
/* `ms` is within what iso8601_parse yields. */
void iso8601_format(int64_t ms, char out[ISO8601_LEN]);
