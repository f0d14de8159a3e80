/* SPDX-License-Identifier: MIT */
/* key_store.h - API keys in the store's collection `keys`, and the limits of tenants in `settings`.
 * All of it blocks, as store.h says.
 *
 *     keys: {_id: id, hash, tenant, name, scopes: [...], createdAt, createdBy?, expiresAt?,
 *            lastUsedAt?, revokedAt?}
 *     settings: {_id: "limits/<tenant>", kind: "limits", tenant, requestsPerMinute, updatedAt} */
#pragma once

#include "gateway/key_set.h"
#include "gateway/store.h"

/* Adds to `set` the keys that are not revoked, or the limits. */
enum result key_store_read(struct store *s, struct key_set *set, struct err *err);
enum result key_store_read_limits(struct store *s, struct key_set *set, struct err *err);

/* A key to be written; `hash` as api_key.h makes it. */
struct key_order {
    struct slice id, name, tenant, created_by; /* created_by.data == NULL: by hand */
    unsigned char hash[KEY_HASH_LEN];
    unsigned scopes;
    int64_t created_ms, expires_ms; /* wall; expires_ms 0: never */
};
enum result key_store_insert(struct store *s, const struct key_order *order, int64_t limit_ms,
                             struct err *err);
/* Never takes a later time back. */
enum result key_store_note_use(struct store *s, const char *id, int64_t used_ms, struct err *err);
