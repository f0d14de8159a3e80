/* SPDX-License-Identifier: MIT */
/* consumer_memory.h - how far ahead our consumers read: this process has up to three of them,
 * beside the ids and buckets that it must remember, and is to stay small. */
#pragma once

#include "common/kafka_conf.h"

enum result consumer_memory_limit(rd_kafka_conf_t *conf, struct err *err);
