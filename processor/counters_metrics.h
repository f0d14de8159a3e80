/* SPDX-License-Identifier: MIT */
/* counters_metrics.h - what the counters thread tells Prometheus. */
#pragma once

#include "common/metrics.h"

struct counters_metrics {
    struct metric *received, *accepted, *rejected, *rebuilds, *lag;
};

void counters_metrics_init(struct counters_metrics *m, struct metrics *metrics);
