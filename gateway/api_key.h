/* SPDX-License-Identifier: MIT */
/* api_key.h - API keys: als_<id>_<secret>, the id 16 and the secret 64 hexadecimal digits, both
 * random. Only the SHA-256 of the whole text is ever kept: 256 random bits need neither salt nor a
 * slow hash. Pure but for api_key_make, which reads entropy. */
#pragma once

#include "common/auto.h"
#include "common/buf.h"
#include "common/err.h"
#include "gateway/scope.h"
#include "schemas/record.h"

#include <stdatomic.h>
#include <stdint.h>

enum {
    KEY_ID_LEN = 16,
    KEY_LEN = 4 + KEY_ID_LEN + 1 + 64,
    KEY_HASH_LEN = 32,
    KEY_NAME_MAX = 100,
    KEY_TENANT_SIZE = 65, /* with its NUL */
};

struct api_key {
    char id[KEY_ID_LEN + 1];
    unsigned char hash[KEY_HASH_LEN];
    char tenant[KEY_TENANT_SIZE];
    unsigned scopes;         /* set of 1u << enum scope, as they were given */
    int64_t expires_ms;      /* wall; 0: never */
    _Atomic int64_t used_ms; /* wall, to a minute; 0: not since this process began */
    int64_t used_stored_ms;  /* what of it the store knows */
};

/* Writes a new key, NUL-terminated. FATAL: the system has no entropy. */
enum result api_key_make(char ret[KEY_LEN + 1], struct err *err);
/* False: not in the form of a key. The id is a view of `text`. */
bool api_key_parse(struct slice text, struct slice *ret_id);
bool api_key_id_valid(struct slice id);
/* Is the key good for `scope` at `now_ms` (wall)? `admin` includes the other two. */
bool api_key_has(const struct api_key *key, enum scope scope);
bool api_key_expired(const struct api_key *key, int64_t now_ms);

/* "read" → its bit; 0: no scope of that name. */
unsigned scope_bit(struct slice name);
/* ["ingest","read"] */
void scopes_render(unsigned scopes, struct buf *out);

/* SHA-256 of many keys, without allocation or lock; one thread at a time. */
struct key_hasher;
struct key_hasher *key_hasher_new(void);
void key_hasher_free(struct key_hasher *h);
DEFINE_AUTO(key_hasher)
void key_hash(struct key_hasher *h, struct slice key, unsigned char ret[KEY_HASH_LEN]);
/* In constant time. */
bool key_hash_equal(const unsigned char a[KEY_HASH_LEN], const unsigned char b[KEY_HASH_LEN]);
/* 64 hexadecimal digits. False: not that. */
void key_hash_render(const unsigned char hash[KEY_HASH_LEN], struct buf *out);
bool key_hash_parse(struct slice text, unsigned char ret[KEY_HASH_LEN]);
