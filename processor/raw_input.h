/* SPDX-License-Identifier: MIT */
/* raw_input.h - a Kafka message of the raw topic as what a task takes. No I/O. */
#pragma once

#include "processor/task.h"

#include <librdkafka/rdkafka.h>

/* Memory for the views of one record: CloudEvents attributes. */
struct raw_scratch {
    struct cloudevent_attribute attributes[CLOUDEVENT_ATTRIBUTES];
};

/* Lives as long as the message and until the next use of `scratch`. */
struct input raw_input(const rd_kafka_message_t *m, enum refusal refusal,
                       struct raw_scratch *scratch);
