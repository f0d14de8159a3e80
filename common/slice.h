/* SPDX-License-Identifier: MIT */
/* slice.h - bytes that somebody else owns. May hold NUL; is not NUL-terminated. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *data; /* NULL: absent, which differs from empty */
    size_t len;
};

/* printf("%.*s", SLICE_ARG(s)) */
#define SLICE_ARG(s) (int)(s).len, (s).data ? (s).data : ""

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}

static inline struct slice slice_make(const void *data, size_t len)
{
    return (struct slice){(const char *)data, len};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_eq(a, slice_of(text));
}

/* Without the spaces around it. */
static inline struct slice slice_trim(struct slice s)
{
    while (s.len && *s.data == ' ')
        s = slice_make(s.data + 1, s.len - 1);
    while (s.len && s.data[s.len - 1] == ' ')
        s.len--;
    return s;
}
