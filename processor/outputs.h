/* SPDX-License-Identifier: MIT */
/* outputs.h - a task's sink that writes into a Kafka transaction. `input.origin` must be the
 * rd_kafka_message_t of the raw record. */
#pragma once

#include "processor/task.h"
#include "processor/transaction.h"

struct outputs {
    struct transaction *transaction; /* borrowed */
    char raw_topic[256];
};

/* `o` is borrowed by the sink. */
struct sink outputs_sink(struct outputs *o);
