/* SPDX-License-Identifier: MIT */
/* dead_letters.h - writes what the indexer cannot keep to the dead-letter topic, whole, with the
 * reason. One thread. A letter may be written twice (after a crash or an unsure
 * acknowledgement): readers tell them apart by topic, partition and offset. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "common/slice.h"

#include <librdkafka/rdkafka.h>

struct dead_letters;

enum result dead_letters_new(const struct settings *settings, struct dead_letters **ret,
                             struct err *err);
void dead_letters_free(struct dead_letters *d);
DEFINE_AUTO(dead_letters)

struct dead_letter {
    struct slice key, value;
    const rd_kafka_headers_t *headers; /* the record's own; NULL: none */
    const char *topic;                 /* where it lies */
    int32_t partition;
    int64_t offset;
    const char *why; /* `reason: detail` */
};

/* Queues one; everything is copied. RETRY: the queue is full, flush first. */
enum result dead_letters_add(struct dead_letters *d, const struct dead_letter *letter,
                             struct err *err);
/* Waits until all that were added since the last flush are acknowledged. RETRY: some were not,
 * add them all again. FATAL: the producer cannot go on. */
enum result dead_letters_flush(struct dead_letters *d, struct err *err);
