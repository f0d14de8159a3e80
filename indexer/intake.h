/* SPDX-License-Identifier: MIT */
/* intake.h - one Kafka record into a batch: a document, stats to merge, or a dead letter. Pure. */
#pragma once

#include "common/auto.h"
#include "indexer/batch.h"

struct intake;

struct intake *intake_new(int64_t retention_days);
void intake_free(struct intake *in);
DEFINE_AUTO(intake)

/* Takes *message when the batch has to keep it; else the caller still owns it. The batch must not
 * be full. */
void intake_add(struct intake *in, struct batch *b, struct position at,
                rd_kafka_message_t **message, struct slice value);
