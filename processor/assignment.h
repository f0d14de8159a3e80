/* SPDX-License-Identifier: MIT */
/* assignment.h - the partitions that are ours, each with its task, made ready before its first
 * record. Logs what it finds; one thread.
 *
 * A task that was given back is kept until the next assignment: when nobody has committed anything
 * since, its memory is still good. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "processor/task.h"

#include <librdkafka/rdkafka.h>

struct assignment;

/* Keeps its watchdog and whoever asks it to stop content during a long read. */
struct assignment_watch {
    bool (*alive)(void *ctx); /* false: give up */
    void *ctx;
};

struct assignment *assignment_new(const struct settings *settings,
                                  const struct assignment_watch *watch);
void assignment_free(struct assignment *a);
DEFINE_AUTO(assignment)

/* Settles where each of `partitions` begins (sets .offset) and reads its memory back. RETRY: ask
 * again. FATAL: there is no right place to begin; the text names the cure. */
enum result assignment_take(struct assignment *a, rd_kafka_t *consumer,
                            rd_kafka_topic_partition_list_t *partitions, struct err *err);
void assignment_give(struct assignment *a); /* nothing is ours any more */

struct task *assignment_task(struct assignment *a, int32_t partition); /* NULL: not ours */
/* The nth task that is ours; NULL past the last. Tasks stay in place until the next take. */
struct task *assignment_at(struct assignment *a, size_t nth);
