/* SPDX-License-Identifier: MIT */
/* watch.h - looks every second whether what the gateway needs is there, and tells health. Each
 * probe has a thread of its own, since each may block. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/health.h"

struct probe {
    const char *name;
    bool required;
    /* OK: there. RETRY: away, for now. FATAL: can never do; the gateway stops. */
    enum result (*look)(void *ctx, struct err *err);
    void *ctx;
};

struct watch_on;

/* `probes` are copied, what they point to is borrowed. `fatal` is called from a probe's thread. */
struct watch_on *watch_on_new(struct health *health, const struct probe *probes, size_t count,
                              void (*fatal)(void *ctx, const char *name, const char *why),
                              void *ctx);
void watch_on_free(struct watch_on *w); /* after a stop was requested; joins */
DEFINE_AUTO(watch_on)
