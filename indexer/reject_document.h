/* SPDX-License-Identifier: MIT */
/* reject_document.h - a dead letter as a document of the collection `rejects`. Pure.
 *
 *   {_id: "topic:partition:offset" of the record that was refused, tenant, stage, reason, detail,
 *    topic, partition, offset, key, value, valueBytes, truncated, headers: [{name, value}], userId,
 *    timestamp, receivedAt, at, expireAt, state: "open"}
 *
 * Letters that repeat are one document, since they name the same record. Key, value and the values
 * of headers are binary: what is refused may be anything. Those of headers that say why it was
 * refused are members of their own instead. `userId` and `timestamp` are the record's where they
 * can be read. `receivedAt` is when the service got the record, `at` when it was refused: an
 * erasure (rules/reject.h) covers what was received before it. */
#pragma once

#include "common/slice.h"

#include <bson/bson.h>
#include <librdkafka/rdkafka.h>
#include <stdint.h>

enum { REJECT_VALUE_BYTES = 1024 * 1024, REJECT_HEADERS = 32, REJECT_HEADER_BYTES = 4096 };

/* As it lies in the dead-letter topic. Borrowed. */
struct reject_letter {
    const char *topic;
    int32_t partition;
    int64_t offset, at_ms;
    struct slice key, value;
    const rd_kafka_headers_t *headers; /* NULL: none */
};

/* {_id} and {$setOnInsert: …}: what is there already is left alone. */
void reject_document(const struct reject_letter *letter, bson_t *selector, bson_t *update);
