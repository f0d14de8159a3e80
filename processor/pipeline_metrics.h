/* SPDX-License-Identifier: MIT */
/* pipeline_metrics.h - what the pipeline tells Prometheus. */
#pragma once

#include "common/metrics.h"
#include "processor/task.h"

struct partition_metrics {
    struct metric *lag, *ids, *covered_seconds, *buckets;
};

struct pipeline_metrics {
    struct metric *received, *accepted, *duplicates;
    struct metric *malformed, *invalid, *too_large, *conflicts;
    struct metric *restarts;
    size_t partition_count;
    struct partition_metrics partitions[];
};

struct pipeline_metrics *pipeline_metrics_new(struct metrics *metrics, size_t partitions);
void pipeline_metrics_free(struct pipeline_metrics *m);
DEFINE_AUTO(pipeline_metrics)

void pipeline_metrics_count(struct pipeline_metrics *m, const struct task_outcome *outcome);
/* `lag`: records behind the end of the raw partition; -1: unknown. */
void pipeline_metrics_show(struct pipeline_metrics *m, struct task *task, int64_t lag);
void pipeline_metrics_hide(struct pipeline_metrics *m, int32_t partition); /* it is not ours */
