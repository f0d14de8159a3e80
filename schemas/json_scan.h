/* SPDX-License-Identifier: MIT */
/* json_scan.h - how the bytes of JSON are stepped over. Private to schemas/. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool json_is_space(char c)
{
    static const uint64_t spaces = 1ULL << ' ' | 1ULL << '\t' | 1ULL << '\n' | 1ULL << '\r';
    unsigned char u = (unsigned char)c;
    return u <= ' ' && (spaces >> u & 1);
}

static inline const char *json_skip_space(const char *at, const char *end)
{
    while (at < end && json_is_space(*at))
        at++;
    return at;
}

/* Eight bytes at a time: each byte's top bit tells whether it is one that we look for. Exact up
 * to the first such byte, garbage above it (the borrow of a subtraction goes up). */
static inline uint64_t json_each(unsigned char c)
{
    return 0x0101010101010101ULL * c;
}

static inline uint64_t json_load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

static inline uint64_t json_equal_bytes(uint64_t word, unsigned char c)
{
    uint64_t differ = word ^ json_each(c);
    return (differ - json_each(1)) & ~differ & json_each(0x80);
}

/* A byte that a string does not take unseen: control, quote, backslash, beyond ASCII. */
static inline const char *json_skip_plain(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word = json_load(at);
        uint64_t hits = ((word - json_each(0x20)) | word) & json_each(0x80);
        hits |= json_equal_bytes(word, '"') | json_equal_bytes(word, '\\');
        if (hits)
            return at + __builtin_ctzll(hits) / 8;
    }
    while (at < end && (unsigned char)(*at - 0x20) < 0x60 && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* The next quote or backslash: in checked text, all that matters within a string. */
static inline const char *json_skip_text(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word = json_load(at);
        uint64_t hits = json_equal_bytes(word, '"') | json_equal_bytes(word, '\\');
        if (hits)
            return at + __builtin_ctzll(hits) / 8;
    }
    while (at < end && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* Of a checked string that begins at `quote`: the byte after its closing quote. */
static inline const char *json_string_end(const char *quote, const char *end, bool *ret_escaped)
{
    const char *at = json_skip_text(quote + 1, end);
    *ret_escaped = at < end && *at == '\\';
    while (at < end && *at == '\\')
        at = json_skip_text(at + 2, end);
    return at < end ? at + 1 : end;
}

/* The value of four hexadecimal digits, or -1. */
static inline int json_hex4(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i], lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return value;
}
