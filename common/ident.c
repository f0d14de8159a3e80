/* SPDX-License-Identifier: MIT */
#include "common/ident.h"

#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

struct hash128 hash128_pair(struct slice a, struct slice b)
{
    /* The first text seeds the hash of the second, so where one ends matters. */
    XXH128_hash_t h = XXH3_128bits_withSeed(b.data, b.len, hash64(a));
    return (struct hash128){.low = h.low64, .high = h.high64};
}

uint64_t hash64(struct slice bytes)
{
    return XXH3_64bits(bytes.data, bytes.len);
}

/* The 16 bytes as 8-4-4-4-12 hex digits, version and variant put in. */
static void uuid_write(uint8_t bytes[16], unsigned version, char out[UUID_LEN])
{
    static const char hex[] = "0123456789abcdef";
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex[bytes[i] >> 4];
        *out++ = hex[bytes[i] & 0x0f];
    }
}

/* A thread draws its entropy in blocks: a system call per id would cost more than the id. */
static void random_bytes(uint8_t *out, size_t len)
{
    static _Thread_local uint8_t pool[2000];
    static _Thread_local size_t left = 0;
    if (left < len) {
        if (getrandom(pool, sizeof pool, 0) != (ssize_t)sizeof pool)
            abort();
        left = sizeof pool;
    }
    left -= len;
    memcpy(out, pool + left, len);
}

static void put_be(uint8_t *out, unsigned bytes, uint64_t n)
{
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(n >> 8 * (bytes - 1 - i));
}

void uuid_v7(int64_t wall_ms, char out[UUID_LEN])
{
    uint8_t bytes[16];
    put_be(bytes, 6, (uint64_t)wall_ms);
    random_bytes(bytes + 6, 10);
    uuid_write(bytes, 7, out);
}

void uuid_v8(struct hash128 hash, char out[UUID_LEN])
{
    uint8_t bytes[16];
    put_be(bytes, 8, hash.high);
    put_be(bytes + 8, 8, hash.low);
    uuid_write(bytes, 8, out);
}
