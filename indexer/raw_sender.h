/* SPDX-License-Identifier: MIT */
/* raw_sender.h - sends one record to the raw topic and waits for its acknowledgement. One thread.
 */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "common/slice.h"

#include <librdkafka/rdkafka.h>

struct raw_sender;

enum result raw_sender_new(const struct settings *settings, struct raw_sender **ret,
                           struct err *err);
void raw_sender_free(struct raw_sender *s);
DEFINE_AUTO(raw_sender)

/* Takes `headers`. OK: acknowledged. RETRY: nobody knows, send it again. REJECT: Kafka will never
 * take it. */
enum result raw_sender_send(struct raw_sender *s, struct slice key, struct slice value,
                            rd_kafka_headers_t *headers, struct err *err);
