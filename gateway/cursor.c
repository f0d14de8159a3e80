/* SPDX-License-Identifier: MIT */
#include "gateway/cursor.h"

#include "common/ident.h"
#include "gateway/base64url.h"

enum {
    VERSION = 2,
    SUM_AT = 1,
    TIME_AT = SUM_AT + 8,
    ID_AT = TIME_AT + 8,
    ID_MAX = 129,
    TEXT_MAX = (ID_AT + ID_MAX) * 4 / 3 + 1,
};

/* The times that a Date of JavaScript can hold. */
static const int64_t TIME_MAX_MS = 8640000000000000;

static void add_number(struct buf *out, uint64_t n)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        buf_add_char(out, (char)(n >> shift & 255));
}

static uint64_t read_number(const char *at)
{
    uint64_t n = 0;
    for (int i = 7; i >= 0; i--)
        n = n << 8 | (unsigned char)at[i];
    return n;
}

/* Lengths before texts, so that ("ab","c") differs from ("a","bc"). */
static void add_text(struct buf *out, struct slice text)
{
    add_number(out, text.len);
    buf_add_slice(out, text);
}

static uint64_t check_sum(const struct log_query *q, struct slice tenant,
                          const struct log_position *at)
{
    AUTO_BUF all = {0};
    AUTO_BUF filters = {0};

    add_text(&all, tenant);
    selection_canonical(&q->s, &filters);
    add_text(&all, buf_slice(&filters));
    buf_add_char(&all, q->oldest_first ? '+' : '-');
    add_number(&all, (uint64_t)at->timestamp_ms);
    add_text(&all, at->id);
    return hash64(buf_slice(&all));
}

void cursor_write(struct buf *out, const struct log_query *q, struct slice tenant,
                  const struct log_position *last)
{
    AUTO_BUF bytes = {0};

    buf_add_char(&bytes, VERSION);
    add_number(&bytes, check_sum(q, tenant, last));
    add_number(&bytes, (uint64_t)last->timestamp_ms);
    buf_add_slice(&bytes, last->id);
    base64url_encode(out, buf_slice(&bytes));
}

/* Anyone can compute a check sum: what goes on to the store is looked at all the same. */
static bool is_sane(const struct log_position *at)
{
    for (size_t i = 0; i < at->id.len; i++)
        if (at->id.data[i] <= ' ' || at->id.data[i] > '~')
            return false;
    return at->timestamp_ms >= -TIME_MAX_MS && at->timestamp_ms <= TIME_MAX_MS;
}

bool cursor_read(struct slice text, const struct log_query *q, struct slice tenant,
                 struct buf *arena, struct log_position *ret)
{
    struct log_position at;

    buf_clear(arena);
    if (text.len > TEXT_MAX || !base64url_decode(arena, text))
        return false;
    if (arena->len < ID_AT || arena->len > ID_AT + ID_MAX || arena->data[0] != VERSION)
        return false;
    at.timestamp_ms = (int64_t)read_number(arena->data + TIME_AT);
    at.id = slice_make(arena->data + ID_AT, arena->len - ID_AT);
    if (read_number(arena->data + SUM_AT) != check_sum(q, tenant, &at) || !is_sane(&at))
        return false;
    *ret = at;
    return true;
}
