/* SPDX-License-Identifier: MIT */
/* kafka_topics.h - the four topics: their names, their creation, and whether they fit. */
#pragma once

#include "common/err.h"
#include "common/settings.h"

#include <librdkafka/rdkafka.h>

enum topic { TOPIC_RAW, TOPIC_ENRICHED, TOPIC_STATS, TOPIC_DLQ, TOPIC_COUNT };

/* Fills `out` (at least 256 bytes) with e.g. "activity-logs-enriched". */
void kafka_topic_name(const struct settings *settings, enum topic topic, char out[256]);

/* Creates what is missing (retention, cleanup, timestamp type and size limits as the service
 * needs them), and checks the partition counts of what exists. RETRY: Kafka does not answer.
 * FATAL: a topic exists with another partition count than PARTITIONS. Uses a client of its own. */
enum result kafka_topics_ensure(const struct settings *settings, struct err *err);
