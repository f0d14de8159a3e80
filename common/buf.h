/* SPDX-License-Identifier: MIT */
/* buf.h - a growing byte buffer, made to be cleared and used again.
 *
 * A zeroed struct is a valid empty buffer. `data` moves when it grows; slices into it do not
 * survive an append. */
#pragma once

#include "common/slice.h"

#include <stdarg.h>
#include <stdint.h>

struct buf {
    char *data;
    size_t len, cap;
};

void buf_done(struct buf *b);               /* frees the bytes; the struct may be used again */
static inline void buf_clear(struct buf *b) /* keeps the memory */
{
    b->len = 0;
}
/* These are inline for the copying of many short texts, where a call costs more than the bytes. */
void buf_grow(struct buf *b, size_t more);
static inline void buf_reserve(struct buf *b, size_t more)
{
    if (b->cap - b->len < more)
        buf_grow(b, more);
}

static inline void buf_add(struct buf *b, const void *data, size_t len)
{
    if (len == 0)
        return;
    buf_reserve(b, len);
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

static inline void buf_add_slice(struct buf *b, struct slice s)
{
    buf_add(b, s.data, s.len);
}

static inline void buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

static inline void buf_add_char(struct buf *b, char c)
{
    buf_reserve(b, 1);
    b->data[b->len++] = c;
}

void buf_add_u64(struct buf *b, uint64_t n); /* decimal */
void buf_add_i64(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* A quoted JSON string (RFC 8259, section 7) of UTF-8 text that is known to be valid. */
void buf_add_json(struct buf *b, struct slice text);
/* The same of any bytes: what is not UTF-8 becomes U+FFFD, byte by byte. Slower. */
void buf_add_json_any(struct buf *b, struct slice bytes);
const char *buf_text(struct buf *b); /* NUL-terminated view, valid until the next change */

static inline struct slice buf_slice(const struct buf *b)
{
    return (struct slice){b->data, b->len};
}

#define AUTO_BUF __attribute__((cleanup(buf_done))) struct buf
