/* SPDX-License-Identifier: MIT */
/* zone.h - a time zone: how far its clocks are ahead of UTC, at any moment.
 *
 * Reads the TZif files (RFC 9636) of the system's time zone database itself, since the C library
 * knows only one zone per process. Behind the last change in the file its POSIX TZ rule goes on.
 * Immutable once read. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/slice.h"

#include <stdint.h>

struct zone;

/* From a file's bytes. REJECT: they are no TZif of version 2 or later. */
enum result zone_parse(struct slice tzif, struct zone **ret, struct err *err);
/* "Europe/Berlin". REJECT: there is no such zone, or the system has no database. Reads a file. */
enum result zone_load(struct slice name, struct zone **ret, struct err *err);
bool zone_name_valid(struct slice name);
void zone_free(struct zone *z);
DEFINE_AUTO(zone)

/* Seconds to add to UTC. */
int64_t zone_offset_s(const struct zone *z, int64_t utc_s);
/* The first moment of a local day, which is given as days since 1970-01-01. Where the clocks skip
 * midnight it is the moment of the skip. */
int64_t zone_day_start_s(const struct zone *z, int64_t day);
/* The next full local hour after `utc_s`, or a change of the clocks that comes before it. */
int64_t zone_next_hour_s(const struct zone *z, int64_t utc_s);
