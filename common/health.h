/* SPDX-License-Identifier: MIT */
/* health.h - what a daemon needs, and whether it has it. Thread-safe.
 *
 * A check is `required` (without it /readyz is 503) or not (without it the daemon is ready but
 * degraded, and /readyz?verbose says what is down). Checks start as not ok, "starting". */
#pragma once

#include "common/auto.h"
#include "common/buf.h"

struct health;

struct health *health_new(const char *service);
void health_free(struct health *h);
DEFINE_AUTO(health)

/* `name` is copied; the returned index names the check from now on. At most 16 checks. */
int health_add(struct health *h, const char *name, bool required);
void health_set(struct health *h, int check, bool ok, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void health_drain(struct health *h); /* from now on never ready: shutting down */
/* Liveness: a worker calls this in every turn of its loop; `name` is one slot from health_watch.
 * A worker silent for `limit_ms` makes /livez 503. */
int health_watch(struct health *h, const char *name, int64_t limit_ms);
void health_beat(struct health *h, int watch);

bool health_ready(struct health *h);
bool health_live(struct health *h);
/* {"status":"ready|degraded|unavailable|draining"[,"checks":[{"name","ok","required","detail"}]]}
 */
void health_render_ready(struct health *h, bool verbose, struct buf *out);
/* {"status":"live"} or {"status":"stalled","stalled":["name"]} */
void health_render_live(struct health *h, struct buf *out);
/* {"status":"healthy","service","timestamp","uptime","memory":{"rss"}}; uptime in seconds,
 * rss in bytes. */
void health_render_health(struct health *h, struct buf *out);
