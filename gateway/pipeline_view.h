/* SPDX-License-Identifier: MIT */
/* pipeline_view.h - how far each stage is, partition by partition, and how to say it. Pure.
 *
 * A stage is a reader of one topic; its lag is what lies between its next record and the topic's
 * end. Whatever could not be learnt is PIPELINE_UNKNOWN, shown as null, and said in `unknown`. */
#pragma once

#include "common/buf.h"
#include "common/kafka_topics.h"

#include <stdint.h>

enum { PIPELINE_UNKNOWN = -1, PIPELINE_NONE = -2 /* it has not begun */ };

enum pipeline_stage {
    STAGE_PROCESSOR,
    STAGE_INDEXER_LOGS,
    STAGE_INDEXER_STATS,
    STAGE_COUNTERS_LOGS,
    STAGE_COUNTERS_STATS,
    STAGE_REJECTS,
    STAGE_COUNT
};

enum topic pipeline_stage_topic(enum pipeline_stage s);
/* Of its consumer group "activity-logs-processor"; NULL: its positions lie in Redis. */
const char *pipeline_stage_group(enum pipeline_stage s);

/* A zeroed struct is not valid: pipeline_view_init. */
struct pipeline_view {
    size_t partitions;                              /* of the topics but for the dead letters' */
    int64_t *begin[TOPIC_COUNT], *end[TOPIC_COUNT]; /* what the topics hold */
    int64_t *next[STAGE_COUNT];                     /* where each stage goes on */
    bool counters_known, rebuilding;
    int64_t watermark_ms; /* everything received before is counted; PIPELINE_NONE: nothing is */
    int64_t dead_letters, open_dead_letters; /* of the tenant, as kept in rejects */
    struct buf unknown;                      /* JSON strings with commas between */
};

void pipeline_view_init(struct pipeline_view *v, size_t partitions);
void pipeline_view_done(struct pipeline_view *v);
size_t pipeline_view_partitions(const struct pipeline_view *v, enum topic topic);
void pipeline_view_miss(struct pipeline_view *v, const char *what, const char *why);

/* {"stages":[…],"watermark":…,"deadLetters":{…},"counters":{…},"unknown":[…]}; without the stages
 * when `raw_topic` is NULL. */
void pipeline_view_render(const struct pipeline_view *v, const char *raw_topic, struct buf *out);
