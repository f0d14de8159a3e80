/* SPDX-License-Identifier: MIT */
/* reject_json.h - a document of `rejects` as an answer shows it. Pure. Bytes that are no text are
 * shown in base64, and `…Encoding` says so. */
#pragma once

#include "common/buf.h"

#include <bson/bson.h>

void reject_json_add(struct buf *out, const bson_t *doc);
