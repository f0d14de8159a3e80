/* SPDX-License-Identifier: MIT */
#include "indexer/meters.h"

#include <stdio.h>
#include <string.h>

#define OUTCOMES "als_outcomes_total"
#define OUTCOMES_HELP "Records by what became of them: received = accepted + rejected + failed."

static const double seconds_bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                        1,     2.5,  5,     10,   30,  60,   300};

enum { BOUND_COUNT = sizeof seconds_bounds / sizeof seconds_bounds[0] };

static struct metric *accepted(struct metrics *metrics, const char *reason)
{
    char labels[128];

    snprintf(labels, sizeof labels, "stage=\"indexer\",outcome=\"accepted\",reason=\"%s\"", reason);
    return metrics_counter(metrics, OUTCOMES, OUTCOMES_HELP, labels);
}

void meters_init(struct meters *m, struct metrics *metrics)
{
    m->metrics = metrics;
    m->received = metrics_counter(metrics, OUTCOMES, OUTCOMES_HELP,
                                  "stage=\"indexer\",outcome=\"received\",reason=\"\"");
    m->stored = accepted(metrics, "stored");
    m->redelivered = accepted(metrics, "redelivery");
    m->late_duplicates = accepted(metrics, "late_duplicate");
    m->erased = accepted(metrics, "erased");
    m->merged = accepted(metrics, "merged");
    m->shards = metrics_counter(metrics, "als_stats_upserts_total",
                                "Stats shards written to the document store.", NULL);
    m->retries = metrics_counter(metrics, "als_store_retries_total",
                                 "Attempts at a batch that the document store did not take.", NULL);
    m->batch_seconds = metrics_histogram(metrics, "als_batch_seconds",
                                         "From a batch's first attempt until it was resolved.",
                                         NULL, seconds_bounds, BOUND_COUNT);
    m->delay_seconds = metrics_histogram(metrics, "als_indexed_delay_seconds",
                                         "From a record's receipt until it was stored.", NULL,
                                         seconds_bounds, BOUND_COUNT);
}

static void count_rejected(struct meters *m, const char *why)
{
    char labels[160];

    snprintf(labels, sizeof labels, "stage=\"indexer\",outcome=\"rejected\",reason=\"%.*s\"",
             (int)strcspn(why, ":"), why);
    metric_add(metrics_counter(m->metrics, OUTCOMES, OUTCOMES_HELP, labels), 1);
}

static void count_entry(struct meters *m, const struct entry *e, int64_t now_ms)
{
    bson_iter_t it;

    switch (e->fate) {
    case FATE_STORED:
        metric_add(m->stored, 1);
        if (bson_iter_init_find(&it, e->doc, "createdAt"))
            metric_observe(m->delay_seconds, (double)(now_ms - bson_iter_date_time(&it)) / 1e3);
        break;
    case FATE_REDELIVERY:
        metric_add(m->redelivered, 1);
        break;
    case FATE_LATE_DUPLICATE:
        metric_add(m->late_duplicates, 1);
        break;
    case FATE_ERASED:
        metric_add(m->erased, 1);
        break;
    default:
        count_rejected(m, e->why);
        break;
    }
}

void meters_batch(struct meters *m, const struct batch *b, double seconds, int64_t now_ms)
{
    metric_add(m->received, b->count + b->stats_records);
    for (size_t i = 0; i < b->count; i++)
        count_entry(m, &b->entries[i], now_ms);
    metric_add(m->merged, b->stats_records);
    metric_add(m->shards, stats_merge_count(b->stats));
    metric_observe(m->batch_seconds, seconds);
}

void meters_lag(struct meters *m, enum stream stream, int32_t partition, int64_t records)
{
    char labels[64];

    snprintf(labels, sizeof labels, "stage=\"%s\",partition=\"%d\"",
             stream == STREAM_LOGS ? "indexer" : "indexer-stats", partition);
    metric_set(metrics_gauge(m->metrics, "als_consumer_lag",
                             "Records that are in Kafka and not yet resolved.", labels),
               (double)records);
}
