/* SPDX-License-Identifier: MIT */
/* metrics.h - counters, gauges and histograms in the Prometheus text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * Register at start, on one thread; change from any thread (relaxed atomics); render from any
 * thread. A metric lives as long as its registry. Registering the same name and labels again
 * returns the same metric, also while others are changing or rendering. */
#pragma once

#include "common/auto.h"
#include "common/buf.h"

#include <stdint.h>

struct metrics;
struct metric;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
DEFINE_AUTO(metrics)

/* `name`, `help` and `labels` are copied. `labels` is the inside of the braces,
 * `stage="gateway",outcome="accepted"`, or NULL. A registry holds at most 4,096 metrics: past
 * that a shared nameless one is returned, which is never rendered. */
struct metric *metrics_counter(struct metrics *m, const char *name, const char *help,
                               const char *labels);
struct metric *metrics_gauge(struct metrics *m, const char *name, const char *help,
                             const char *labels);
/* Upper bounds ascending, without +Inf, at most 24; in the unit of the name (seconds, bytes). */
struct metric *metrics_histogram(struct metrics *m, const char *name, const char *help,
                                 const char *labels, const double *bounds, size_t count);

void metric_add(struct metric *metric, uint64_t n);   /* counters */
void metric_set(struct metric *metric, double value); /* gauges */
void metric_observe(struct metric *metric, double value);
uint64_t metric_count(const struct metric *metric); /* counters: the value so far */

/* Ours, then process_* (resident memory, CPU seconds, open descriptors, start time). */
void metrics_render(struct metrics *m, struct buf *out);
