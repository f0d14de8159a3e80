/* SPDX-License-Identifier: MIT */
/* lookup.h - a few threads for what blocks, so that no event loop ever does.
 *
 * Bounded: when `max_waiting` jobs wait, further ones are refused at once. Thread-safe. */
#pragma once

#include "common/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct lookup;

/* Embed it in what is to be done. `run` is called once, on a thread of the pool, and owns the job.
 * When `stopping`, it must not block: only say that nothing was done, and give the memory back. */
struct lookup_job {
    void (*run)(struct lookup_job *job, bool stopping);
    struct lookup_job *_next;
};

struct lookup *lookup_new(size_t threads, size_t max_waiting);
/* Runs no further job but with `stopping`, waits for those that run, and refuses new ones. While
 * jobs answer through loops, call it before the loops are freed. May be called twice. */
void lookup_stop(struct lookup *l);
void lookup_free(struct lookup *l); /* stops first */
DEFINE_AUTO(lookup)

/* False when it is full or stopped; the job stays the caller's. */
bool lookup_submit(struct lookup *l, struct lookup_job *job);
