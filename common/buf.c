/* SPDX-License-Identifier: MIT */
#include "common/buf.h"
#include "common/mem.h"
#include "common/utf8.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAP = 64, U64_DIGITS = 20 };

void buf_done(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

void buf_grow(struct buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : FIRST_CAP;
    while (cap - b->len < more)
        cap *= 2;
    b->data = mem_realloc(b->data, cap);
    b->cap = cap;
}

void buf_add_u64(struct buf *b, uint64_t n)
{
    char digits[U64_DIGITS];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_add_i64(struct buf *b, int64_t n)
{
    if (n < 0)
        buf_add_char(b, '-');
    buf_add_u64(b, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = b->cap - b->len;
    int len = vsnprintf(room ? b->data + b->len : NULL, room, format, args);
    if (len >= 0 && (size_t)len >= room) {
        buf_reserve(b, (size_t)len + 1);
        len = vsnprintf(b->data + b->len, (size_t)len + 1, format, again);
    }
    va_end(again);
    if (len > 0)
        b->len += (size_t)len;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

static bool needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* The top bit of a byte that is less than `n`, at most 128 ("Bit Twiddling Hacks", hasless). */
static uint64_t bytes_less(uint64_t word, unsigned char n)
{
    return (word - UINT64_C(0x0101010101010101) * n) & ~word & UINT64_C(0x8080808080808080);
}

static uint64_t bytes_equal(uint64_t word, char c)
{
    return bytes_less(word ^ UINT64_C(0x0101010101010101) * (unsigned char)c, 1);
}

static bool has_special(const char *eight)
{
    uint64_t word;
    memcpy(&word, eight, sizeof word);
    return (bytes_less(word, 0x20) | bytes_equal(word, '"') | bytes_equal(word, '\\')) != 0;
}

/* How many bytes from `at` on need no escape: eight at a time, as most texts are plain, the last
 * eight of them once more instead of what is left over one by one. */
static size_t plain_len(const char *at, size_t len)
{
    size_t plain = 0;
    while (len - plain >= sizeof(uint64_t) && !has_special(at + plain))
        plain += sizeof(uint64_t);
    if (len >= sizeof(uint64_t) && len - plain < sizeof(uint64_t) &&
        !has_special(at + len - sizeof(uint64_t)))
        return len;
    while (plain < len && !needs_escape(at[plain]))
        plain++;
    return plain;
}

static void add_escaped(struct buf *b, char c)
{
    static const char short_forms[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\') {
        buf_add(b, (char[]){'\\', c}, 2);
    } else if (short_forms[(unsigned char)c]) {
        buf_add(b, (char[]){'\\', short_forms[(unsigned char)c]}, 2);
    } else {
        static const char hex[] = "0123456789abcdef";
        buf_add(b, (char[]){'\\', 'u', '0', '0', hex[(unsigned char)c >> 4], hex[c & 0xf]}, 6);
    }
}

void buf_add_json(struct buf *b, struct slice text)
{
    if (!text.data)
        text = slice_of("");
    buf_reserve(b, text.len + 2);
    buf_add_char(b, '"');
    for (size_t i = 0; i < text.len; i++) {
        size_t plain = plain_len(text.data + i, text.len - i);
        buf_add(b, text.data + i, plain);
        i += plain;
        if (i < text.len)
            add_escaped(b, text.data[i]);
    }
    buf_add_char(b, '"');
}

void buf_add_json_any(struct buf *b, struct slice bytes)
{
    buf_add_char(b, '"');
    for (size_t i = 0; i < bytes.len;) {
        size_t len = utf8_char_len(bytes.data + i, bytes.len - i);
        if (len == 0)
            buf_add_text(b, "\xef\xbf\xbd");
        else if (len == 1 && needs_escape(bytes.data[i]))
            add_escaped(b, bytes.data[i]);
        else
            buf_add(b, bytes.data + i, len);
        i += len ? len : 1;
    }
    buf_add_char(b, '"');
}

const char *buf_text(struct buf *b)
{
    buf_reserve(b, 1);
    b->data[b->len] = '\0';
    return b->data;
}
