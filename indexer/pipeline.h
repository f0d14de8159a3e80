/* SPDX-License-Identifier: MIT */
/* pipeline.h - the run loop: Kafka's records into batches, batches to the worker, offsets back.
 *
 * DESIGN. Two batches: one is filled here while the worker writes the other, so that the store
 * never waits for Kafka. A batch is handed over when the worker is idle and the batch is full or
 * LINGER_MS old; under load batches fill by themselves, at leisure nobody waits.
 *
 * Offsets are committed when all of a batch is resolved, asynchronously, since a commit that is
 * lost costs a redelivery and no more; only when partitions are taken away or the program ends is
 * the last one waited for. A group without offsets begins at the earliest record, for the same
 * reason.
 *
 * While the store is away both batches stay full. Polling goes on with the partitions paused, so
 * that the group does not lose its member, and memory stays at two batches and librdkafka's
 * bounded queue. Pausing drops that queue, so it is not done for the short waits of a busy day.
 *
 * Partitions that are taken away take everything unfinished with them: their next owner begins at
 * the committed offset. What the worker still holds is written or not, and never committed. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/health.h"
#include "common/metrics.h"
#include "common/settings.h"

struct pipeline;

/* Connects to nothing yet. All are borrowed until _free. */
enum result pipeline_new(const struct settings *settings, struct health *health,
                         struct metrics *metrics, struct pipeline **ret, struct err *err);
void pipeline_free(struct pipeline *p);
DEFINE_AUTO(pipeline)

/* Until a stop is requested; then what is in hand is written and committed. FATAL: Kafka's
 * topics or clients cannot be used. */
enum result pipeline_run(struct pipeline *p, struct err *err);
