/* SPDX-License-Identifier: MIT */
/* flight.h - the records of one request on their way to Kafka, and the answer that waits for them.
 * A flight outlives its request when the client leaves or is told 503: then the late reports find
 * nobody to answer, and end it. The loop's thread only. */
#pragma once

#include "gateway/loop.h"

enum durability { ACKNOWLEDGED, QUEUED };

/* Sends every record of the batch, and answers: 202 once all are acknowledged (or, for QUEUED, at
 * once), 503 when they are not in time or cannot be sent. */
void flight_begin(struct request *r, const struct batch *batch, enum durability durability);

/* For producer_events.reported; a NULL flight is an audit record. */
void flight_reported(void *flight, const char *error);

void flights_free(struct loop *l); /* those kept for use again */
