/* SPDX-License-Identifier: MIT */
/* log_json.h - a stored log as an answer shows it. Pure.
 *
 * The members that the first version of the service had come first and in its order: _id, service,
 * action, userId, metadata, severity, timestamp, createdAt; then the others as they are stored.
 * What is the store's own business (src, hash, expireAt) is left out, and `_id` is the id without
 * its tenant. Dates are ISO 8601 in UTC with milliseconds, numbers as exact as they are stored. */
#pragma once

#include "common/buf.h"

#include <bson/bson.h>

void log_json_add(struct buf *out, const bson_t *doc);
