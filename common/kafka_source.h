/* SPDX-License-Identifier: MIT */
/* kafka_source.h - a member of a consumer group that says where it starts and commits by itself.
 *
 * Poll from one thread only; the events are called from inside kafka_source_poll and
 * kafka_source_free. Uses rd_kafka_consumer_poll only (librdkafka #4208) and the range
 * assignor (#4059). */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"

#include <librdkafka/rdkafka.h>

struct kafka_source;

struct kafka_source_events {
    void *ctx;
    /* Partitions were given to us. May set .offset of each; RD_KAFKA_OFFSET_STORED (the
     * default) begins at the group's committed offset. Anything but OK ends the poll with it; after
     * RETRY the next poll asks again, with the same partitions. */
    enum result (*assigned)(void *ctx, rd_kafka_topic_partition_list_t *partitions,
                            struct err *err);
    /* Partitions are being taken. `lost`: they are somebody else's already, commit nothing. */
    void (*revoked)(void *ctx, const rd_kafka_topic_partition_list_t *partitions, bool lost);
    /* With enable.partition.eof: nothing is left before m->offset, which is past transaction
     * markers too. Optional. */
    void (*ended)(void *ctx, const rd_kafka_message_t *m);
};

/* Takes *conf (from kafka_conf_consumer; NULL left behind) in every case. `topics` are
 * subscribed to; `events` is copied. */
enum result kafka_source_new(rd_kafka_conf_t **conf, const char *const *topics, size_t topic_count,
                             const struct kafka_source_events *events, struct kafka_source **ret,
                             struct err *err);
void kafka_source_free(struct kafka_source *s); /* leaves the group, within 5 s */
DEFINE_AUTO(kafka_source)

/* The next record, or NULL with OK when there was none within `timeout_ms`. The caller owns the
 * message (rd_kafka_message_destroy). RETRY: a passing error, poll again. REJECT: the
 * position is not in the topic any more, or the topic is gone: free this source and make another,
 * whose `assigned` finds a better one. FATAL: unwind. */
enum result kafka_source_poll(struct kafka_source *s, int timeout_ms, rd_kafka_message_t **ret,
                              struct err *err);

rd_kafka_t *kafka_source_handle(struct kafka_source *s); /* borrowed */
