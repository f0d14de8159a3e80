/* SPDX-License-Identifier: MIT */
/* outcome.h - what the driver's answer means for who asked. Pure. */
#pragma once

#include "common/err.h"
#include "indexer/refusal.h"

#include <mongoc/mongoc.h>

/* RETRY: the store did not answer, or does not serve now. */
enum result outcome_away(const bson_error_t *why, struct err *err);
/* Of a write of `count` documents that did not wholly succeed. OK: all but what is in `refused`,
 * which comes empty, is stored. RETRY as above. */
enum result outcome_of_write(const bson_t *reply, const bson_error_t *why, size_t count,
                             struct refusals *refused, struct err *err);
