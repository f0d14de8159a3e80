/* SPDX-License-Identifier: MIT */
/* bson_member.h - what stands in a document, borrowed from it. What is absent, or of another type,
 * has data == NULL. Pure. */
#pragma once

#include "common/slice.h"

#include <bson/bson.h>

struct slice bson_text_at(const bson_iter_t *at);
struct slice bson_bytes_at(const bson_iter_t *at);
struct slice bson_text_of(const bson_t *doc, const char *name);
struct slice bson_bytes_of(const bson_t *doc, const char *name);
