/* SPDX-License-Identifier: MIT */
/* watchdog.h - ends a process whose worker is stuck, so that its supervisor starts it again: what
 * only answers 503 on /livez helps nobody where no one asks.
 *
 * A worker counts as stuck when health.h calls it silent in every look of `patience_ms`. Time in
 * which the whole process stood still (SIGSTOP, a machine asleep) is no look, and so counts for
 * nothing. Once a stop is requested nothing is ended any more: the drain has limits of its own. */
#pragma once

#include "common/auto.h"
#include "common/health.h"

#include <stdint.h>

struct watchdog;

/* Looks every second, or more often when `patience_ms` is shorter; 0: never, and NULL is returned.
 * `act` is called at most once, on the watchdog's thread, with /livez's answer, which names the
 * worker. `health` is borrowed until _free. */
struct watchdog *watchdog_new(struct health *health, int64_t patience_ms,
                              void (*act)(void *ctx, const char *stalled), void *ctx);
void watchdog_free(struct watchdog *w); /* joins */
DEFINE_AUTO(watchdog)

/* For `act`: says it in the log and aborts, so that a core, where cores are kept, shows the place.
 */
void watchdog_abort(void *ctx, const char *stalled);
