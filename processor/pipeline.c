/* SPDX-License-Identifier: MIT */
#include "processor/pipeline.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/stop.h"
#include "processor/session.h"

enum { STUCK_MS = 60000, BACKOFF_MS = 100, BACKOFF_MAX_MS = 5000 };

/* One session, from joining to its end; OK when a stop ended it. */
static enum result run_session(const struct session_context *context, unsigned *attempt,
                               struct err *err)
{
    AUTO(session) s = NULL;
    enum result result = session_new(context, &s, err);

    while (result == OK && !stop_requested()) {
        health_beat(context->health, context->watch);
        result = session_step(s, err);
        if (*attempt && session_has_committed(s))
            *attempt = 0;
    }
    return result == OK ? session_finish(s, err) : result;
}

static enum result run_sessions(const struct session_context *context, struct err *err)
{
    unsigned attempt = 0;

    for (;;) {
        enum result result = run_session(context, &attempt, err);
        int64_t wait_ms = clock_backoff_ms(attempt++, BACKOFF_MS, BACKOFF_MAX_MS);

        if (result == FATAL || stop_requested()) {
            if (result == RETRY)
                log_warn("stopping with a transaction open, the broker will abort it: %s",
                         err->text);
            return result == FATAL ? FATAL : OK;
        }
        health_set(context->health, context->kafka_check, false, "%s", err->text);
        log_sparse(LOG_WARN, "starting again from the committed offsets in %d ms: %s", (int)wait_ms,
                   err->text);
        metric_add(context->metrics->restarts, 1);
        stop_sleep_ms((int)wait_ms);
        health_beat(context->health, context->watch);
    }
}

enum result pipeline_run(const struct settings *settings, struct metrics *metrics,
                         struct health *health, struct toolbox *tools, struct err *err)
{
    size_t partitions = (size_t)settings->partitions;
    AUTO(pipeline_metrics) shown = pipeline_metrics_new(metrics, partitions);
    AUTO(refusals) refusals = refusals_new(partitions);
    const struct session_context context = {
        .settings = settings,
        .registry = metrics,
        .metrics = shown,
        .health = health,
        .kafka_check = health_add(health, "kafka", true),
        .watch = health_watch(health, "pipeline", STUCK_MS),
        .tools = tools,
        .refusals = refusals,
    };

    return run_sessions(&context, err);
}
