/* SPDX-License-Identifier: MIT */
/* mask.h - a log without the person in it: what anonymising does. Pure.
 *
 * Replaced, each by `anon-` and 16 hex digits of an HMAC-SHA-256 under the erasure's own random
 * salt, so that equal values stay equal within one erasure and nobody without the salt can try out
 * names: userId, actor.id, actor.name, ip, userAgent, sessionId, and the members of these names
 * (and of `actorId`) at the top of metadata. The content hash is replaced in the same way. All else
 * stays: service, action, message, resource, changes, tags, other metadata, the enrichment. */
#pragma once

#include "common/slice.h"

#include <bson/bson.h>

/* The caller owns it. Masking what is masked already changes it once more: look first. */
bson_t *mask_document(const bson_t *doc, struct slice salt);
