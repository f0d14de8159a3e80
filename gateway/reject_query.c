/* SPDX-License-Identifier: MIT */
#include "gateway/reject_query.h"

#include "common/ident.h"
#include "common/utf8.h"
#include "gateway/base64url.h"
#include "gateway/param.h"

#include <endian.h>

enum { SUM_LEN = 8, TIME_LEN = 8, ID_MAX = 300 };

enum { STAGE, REASON, STATE, LIMIT, CURSOR, PARAMS };

static bool is_text(struct slice text)
{
    size_t step;

    for (size_t at = 0; at < text.len; at += step)
        if (!text.data[at] || (step = utf8_char_len(text.data + at, text.len - at)) == 0)
            return false;
    return true;
}

static struct slice read_text(const struct param *p, struct faults *faults)
{
    if (p->times == 0)
        return (struct slice){NULL, 0};
    if (!param_is_plain(p) || !is_text(p->value))
        param_fault(p, "must be a string", faults);
    else if (p->value.len == 0)
        param_fault(p, "is not allowed to be empty", faults);
    return p->value;
}

static struct slice read_word(const struct param *p, const char *words, const char *must,
                              struct faults *faults)
{
    AUTO_BUF quoted = {0};

    if (p->times == 0)
        return (struct slice){NULL, 0};
    buf_add_char(&quoted, ' ');
    buf_add_slice(&quoted, p->value);
    buf_add_char(&quoted, ' ');
    if (!param_is_plain(p) || !is_text(p->value) || memchr(p->value.data, ' ', p->value.len) ||
        !strstr(words, buf_text(&quoted)))
        param_fault(p, must, faults);
    return p->value;
}

enum result reject_query_read(struct reject_query *q, struct slice query, struct faults *faults)
{
    struct param params[PARAMS] = {[STAGE] = {.name = "stage"},
                                   [REASON] = {.name = "reason"},
                                   [STATE] = {.name = "state"},
                                   [LIMIT] = {.name = "limit"},
                                   [CURSOR] = {.name = "cursor"}};
    size_t before = faults->count;

    params_read(params, PARAMS, query, &q->_arena);
    q->stage = read_word(&params[STAGE], " processor indexer ",
                         "must be one of [processor, indexer]", faults);
    q->reason = read_text(&params[REASON], faults);
    q->state = read_word(&params[STATE], " open replaying replayed ",
                         "must be one of [open, replaying, replayed]", faults);
    q->limit = param_number(&params[LIMIT], REJECTS_DEFAULT, REJECTS_MAX, faults);
    q->cursor = read_text(&params[CURSOR], faults);
    return faults->count == before ? OK : REJECT;
}

void reject_query_done(struct reject_query *q)
{
    buf_done(&q->_arena);
}

static uint64_t sum_of(const struct reject_query *q, struct slice tenant, struct slice place)
{
    const struct slice parts[] = {tenant, q->stage, q->reason, q->state, place};
    AUTO_BUF all = {0};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        buf_add_u64(&all, parts[i].len);
        buf_add_char(&all, ':');
        buf_add_slice(&all, parts[i]);
    }
    return htole64(hash64(buf_slice(&all)));
}

void reject_cursor_write(struct buf *out, const struct reject_query *q, struct slice tenant,
                         const struct reject_place *last)
{
    AUTO_BUF place = {0};
    AUTO_BUF bytes = {0};
    uint64_t ms = htole64((uint64_t)last->at_ms), sum;

    buf_add(&place, &ms, sizeof ms);
    buf_add_slice(&place, last->id);
    sum = sum_of(q, tenant, buf_slice(&place));
    buf_add(&bytes, &sum, sizeof sum);
    buf_add_slice(&bytes, buf_slice(&place));
    base64url_encode(out, buf_slice(&bytes));
}

bool reject_cursor_read(const struct reject_query *q, struct slice tenant, struct buf *arena,
                        struct reject_place *ret)
{
    uint64_t sum, ms;
    struct slice place;

    buf_clear(arena);
    if (q->cursor.len > (size_t)2 * (SUM_LEN + TIME_LEN + ID_MAX) ||
        !base64url_decode(arena, q->cursor) || arena->len <= SUM_LEN + TIME_LEN)
        return false;
    memcpy(&sum, arena->data, sizeof sum);
    place = slice_make(arena->data + SUM_LEN, arena->len - SUM_LEN);
    if (sum != sum_of(q, tenant, place))
        return false;
    memcpy(&ms, place.data, sizeof ms);
    *ret = (struct reject_place){(int64_t)le64toh(ms),
                                 slice_make(place.data + TIME_LEN, place.len - TIME_LEN)};
    return is_text(ret->id);
}
