/* SPDX-License-Identifier: MIT */
/* pipeline_kafka.h - asks Kafka how far the stages are: the topics' ends, and what the groups have
 * committed, which is there whether or not their members live. Thread-safe; blocks for a few
 * seconds at most. What was learnt within a second is not asked again. */
#pragma once

#include "common/auto.h"
#include "common/settings.h"
#include "gateway/pipeline_view.h"

struct pipeline_kafka;

struct pipeline_kafka *pipeline_kafka_new(const struct settings *settings);
void pipeline_kafka_free(struct pipeline_kafka *k);
DEFINE_AUTO(pipeline_kafka)

/* Fills in ends and committed offsets, or says what is unknown. */
void pipeline_kafka_look(struct pipeline_kafka *k, struct pipeline_view *v);
