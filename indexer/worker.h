/* SPDX-License-Identifier: MIT */
/* worker.h - the thread that writes, one batch at a time, while the next one is filled.
 *
 * It owns the store: connects, creates the indexes, and creates them again after the store was
 * away, since it may have come back empty, and every minute. When the store does not take a batch,
 * it backs off and tries again until it does, or until the batch is given up. With nothing to do it
 * asks the store every second whether it is there, for /readyz.
 *
 * All functions are for one other thread, the consumer's. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/health.h"
#include "common/settings.h"
#include "indexer/batch.h"
#include "indexer/meters.h"

struct worker;

/* `health` and `meters` are borrowed until _free. */
enum result worker_new(const struct settings *settings, struct health *health,
                       struct meters *meters, struct worker **ret, struct err *err);
void worker_free(struct worker *w); /* gives up what it holds, and joins */
DEFINE_AUTO(worker)

bool worker_idle(struct worker *w); /* holds no batch, finished or not */
/* Takes *batch, leaving NULL, when idle. */
void worker_give(struct worker *w, struct batch **batch);
/* Waits for the batch that was given. OK: *ret has it, resolved. RETRY: not yet. REJECT: *ret has
 * it, given up. FATAL: it cannot go on. */
enum result worker_take(struct worker *w, int timeout_ms, struct batch **ret, struct err *err);
/* From now on no attempt at the batch it holds is followed by another. */
void worker_give_up(struct worker *w);
