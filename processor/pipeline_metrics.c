/* SPDX-License-Identifier: MIT */
#include "processor/pipeline_metrics.h"

#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

static struct metric *outcome(struct metrics *metrics, const char *name, const char *reason)
{
    char labels[128];

    snprintf(labels, sizeof labels, "stage=\"processor\",outcome=\"%s\",reason=\"%s\"", name,
             reason);
    return metrics_counter(metrics, "als_outcomes_total",
                           "Records by what became of them: received = accepted + rejected + "
                           "failed.",
                           labels);
}

static void add_partition(struct metrics *metrics, struct partition_metrics *p, size_t partition)
{
    char labels[64], staged[96];

    snprintf(labels, sizeof labels, "partition=\"%zu\"", partition);
    snprintf(staged, sizeof staged, "stage=\"processor\",%s", labels);
    p->lag = metrics_gauge(metrics, "als_consumer_lag", "Records not read yet.", staged);
    p->ids = metrics_gauge(metrics, "als_dedupe_ids", "Ids remembered.", labels);
    p->covered_seconds =
        metrics_gauge(metrics, "als_dedupe_covered_seconds",
                      "Receive time between the oldest and the newest id remembered.", labels);
    p->buckets = metrics_gauge(metrics, "als_open_buckets", "Statistics kept in memory.", labels);
}

struct pipeline_metrics *pipeline_metrics_new(struct metrics *metrics, size_t partitions)
{
    struct pipeline_metrics *m = mem_zalloc(sizeof *m + partitions * sizeof m->partitions[0]);

    m->received = outcome(metrics, "received", "");
    m->accepted = outcome(metrics, "accepted", "");
    m->duplicates = outcome(metrics, "accepted", "duplicate");
    m->malformed = outcome(metrics, "rejected", "malformed_json");
    m->invalid = outcome(metrics, "rejected", "validation_error");
    m->too_large = outcome(metrics, "rejected", "too_large");
    m->conflicts = outcome(metrics, "rejected", "id_conflict");
    m->restarts = metrics_counter(metrics, "als_pipeline_restarts_total",
                                  "Times that work began again from the committed offsets.", NULL);
    m->partition_count = partitions;
    for (size_t i = 0; i < partitions; i++)
        add_partition(metrics, &m->partitions[i], i);
    return m;
}

void pipeline_metrics_free(struct pipeline_metrics *m)
{
    free(m);
}

void pipeline_metrics_count(struct pipeline_metrics *m, const struct task_outcome *o)
{
    metric_add(m->received, o->processed + o->duplicates + o->malformed + o->invalid +
                                o->too_large + o->conflicts);
    metric_add(m->accepted, o->processed);
    metric_add(m->duplicates, o->duplicates);
    metric_add(m->malformed, o->malformed);
    metric_add(m->invalid, o->invalid);
    metric_add(m->too_large, o->too_large);
    metric_add(m->conflicts, o->conflicts);
}

void pipeline_metrics_show(struct pipeline_metrics *m, struct task *task, int64_t lag)
{
    struct partition_metrics *p = &m->partitions[task_partition(task)];

    if (lag >= 0)
        metric_set(p->lag, (double)lag);
    metric_set(p->ids, (double)dedupe_count(task_ids(task)));
    metric_set(p->covered_seconds, (double)dedupe_covered_ms(task_ids(task)) / 1000);
    metric_set(p->buckets, (double)task_buckets(task));
}

void pipeline_metrics_hide(struct pipeline_metrics *m, int32_t partition)
{
    struct partition_metrics *p = &m->partitions[partition];

    metric_set(p->lag, 0);
    metric_set(p->ids, 0);
    metric_set(p->covered_seconds, 0);
    metric_set(p->buckets, 0);
}
