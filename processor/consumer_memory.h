/* SPDX-License-Identifier: MIT */
/* consumer_memory.h - how far ahead our consumers read: this process has up to three of them,
 * beside the ids and buckets that it must remember, and is to stay small. */
#pragma once

#include "common/kafka_conf.h"

enum result consumer_memory_limit(rd_kafka_conf_t *conf, struct err *err);

/* When the next wake may be; a zeroed struct: at once. */
struct consumer_waker {
    int64_t due_ms;
};

/* librdkafka 2.0 sleeps for up to a second after its queue was full, whatever was taken from it
 * meanwhile. When nothing comes though the partition is known to hold more than we have read up to
 * `next`, this wakes the thread that fetches from its broker. It waits for the broker's answer, so
 * it does so for a fifth of the time at most. Returns whether there is more to read. */
bool consumer_wake(struct consumer_waker *waker, rd_kafka_t *rk, const char *topic,
                   int32_t partition, int64_t next);
enum { CONSUMER_BEHIND_MS = 5 }; /* how long to wait for a record before that */
