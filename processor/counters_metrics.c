/* SPDX-License-Identifier: MIT */
#include "processor/counters_metrics.h"

void counters_metrics_init(struct counters_metrics *m, struct metrics *metrics)
{
    static const char name[] = "als_outcomes_total";
    static const char help[] =
        "Records by what became of them: received = accepted + rejected + failed.";

    m->received =
        metrics_counter(metrics, name, help, "stage=\"counters\",outcome=\"received\",reason=\"\"");
    m->accepted =
        metrics_counter(metrics, name, help, "stage=\"counters\",outcome=\"accepted\",reason=\"\"");
    m->rejected = metrics_counter(metrics, name, help,
                                  "stage=\"counters\",outcome=\"rejected\",reason=\"unknown\"");
    m->rebuilds = metrics_counter(metrics, "als_counters_rebuilds_total",
                                  "Times that the counters were made anew.", NULL);
    m->lag = metrics_gauge(metrics, "als_counters_lag",
                           "Records of the stats and enriched topics not in Redis yet.", NULL);
}
