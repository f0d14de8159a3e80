/* SPDX-License-Identifier: MIT */
/* ident.h - hashes and UUIDs. Pure but for uuid_v7, which reads clock and entropy. */
#pragma once

#include "common/slice.h"

#include <stdint.h>

struct hash128 {
    uint64_t low, high;
};

/* XXH3 (https://github.com/Cyan4973/xxHash): fast, well spread, not cryptographic. */
uint64_t hash64(struct slice bytes);
/* Of two texts, unambiguously: ("ab","c") differs from ("a","bc"). */
struct hash128 hash128_pair(struct slice a, struct slice b);

enum { UUID_LEN = 36 };

/* RFC 9562, section 5.7: time-ordered, random. Thread-safe. Writes UUID_LEN bytes, no NUL. */
void uuid_v7(int64_t wall_ms, char out[UUID_LEN]);
/* RFC 9562, section 5.8: version 8 around 122 bits of `hash`; the same hash, the same UUID. */
void uuid_v8(struct hash128 hash, char out[UUID_LEN]);
