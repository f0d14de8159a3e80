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
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_slice(struct buf *b, struct slice s);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
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
