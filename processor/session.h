/* SPDX-License-Identifier: MIT */
/* session.h - one life of the pipeline: joins the group, turns raw records into transactions, and
 * ends at the first trouble. Logs; one thread.
 *
 * There is one way to recover, and it is the way to start: a session that failed is freed, with all
 * it remembered, and a new one begins at the committed offsets. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/health.h"
#include "processor/pipeline_metrics.h"
#include "processor/refusals.h"

/* What outlives a session; all borrowed. */
struct session_context {
    const struct settings *settings;
    struct metrics *registry;
    struct pipeline_metrics *metrics;
    struct health *health;
    int kafka_check, watch; /* of `health` */
    struct toolbox *tools;
    struct refusals *refusals;
};

struct session;

/* RETRY: Kafka is not there, or not ready. */
enum result session_new(const struct session_context *context, struct session **ret,
                        struct err *err);
void session_free(struct session *s); /* an open transaction is given up */
DEFINE_AUTO(session)

/* Waits for a record up to 100 ms, works on it, commits what is due. RETRY: this session is over.
 * FATAL: so is the process. */
enum result session_step(struct session *s, struct err *err);
/* Commits what is open, before session_free. */
enum result session_finish(struct session *s, struct err *err);
bool session_has_committed(const struct session *s);
