/* SPDX-License-Identifier: MIT */
/* ingest.h - from an ingest request to its records, or to the answer that says what is wrong. */
#pragma once

#include "gateway/batch.h"
#include "gateway/http.h"

/* The loop's batch, filled, or NULL: answered. Counts what comes in and what is refused. */
const struct batch *ingest_read(struct request *r, bool must_be_array);

/* The same checks, counting nothing, all or nothing. False: answered. */
bool ingest_check(struct request *r);
