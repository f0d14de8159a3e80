/* SPDX-License-Identifier: MIT */
/* meters.h - what the indexer counts for /metrics. Any thread. */
#pragma once

#include "common/metrics.h"
#include "indexer/batch.h"

struct meters {
    struct metrics *metrics;
    struct metric *received, *stored, *redelivered, *late_duplicates, *erased, *merged;
    struct metric *shards, *retries, *batch_seconds, *delay_seconds;
};

/* `metrics` is borrowed. */
void meters_init(struct meters *m, struct metrics *metrics);
/* A resolved batch, `seconds` after its first attempt began. */
void meters_batch(struct meters *m, const struct batch *b, double seconds, int64_t now_ms);
void meters_lag(struct meters *m, enum stream stream, int32_t partition, int64_t records);
