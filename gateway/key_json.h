/* SPDX-License-Identifier: MIT */
/* key_json.h - an API key as answers show it: everything but the key and its hash. Pure. */
#pragma once

#include "gateway/key_store.h"

/* A document of `keys`. */
void key_json_add(struct buf *out, const bson_t *doc);
/* A key just made, with the key itself, this once. */
void key_json_add_made(struct buf *out, const struct key_order *order, struct slice key);
