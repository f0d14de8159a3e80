/* SPDX-License-Identifier: MIT */
#include "gateway/query_params.h"

#include "common/iso8601.h"
#include "common/percent.h"
#include "common/utf8.h"

#include <math.h>
#include <stdlib.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 1000, STATS_LIMIT_DEFAULT = 100, NUMBER_MAX_CHARS = 64 };

/* 2^53 - 1: beyond it JavaScript, whose words these are, calls a number unsafe. */
#define SAFE_INTEGER_MAX 9007199254740991.0

struct param {
    const char *name;
    struct slice value; /* the last one; data == NULL: absent */
    unsigned times;
    bool bracketed;
};

static struct slice decode(struct buf *arena, struct slice text)
{
    size_t from = arena->len;
    percent_decode(arena, text, true);
    return slice_make(arena->data + from, arena->len - from);
}

static void note(struct param *params, size_t count, struct slice name, struct slice value)
{
    const char *bracket = name.len > 0 ? memchr(name.data, '[', name.len) : NULL;
    struct slice base = {name.data, bracket ? (size_t)(bracket - name.data) : name.len};

    for (size_t i = 0; i < count; i++) {
        if (!slice_is(base, params[i].name))
            continue;
        params[i].value = value;
        params[i].times++;
        params[i].bracketed |= bracket != NULL;
    }
}

static void collect(struct param *params, size_t count, struct slice query, struct buf *arena)
{
    struct slice name, value;

    /* Decoding never grows a text: what is decoded stays where it is. */
    buf_reserve(arena, query.len + 1);
    while (form_next(&query, &name, &value)) {
        struct slice plain_name = decode(arena, name);
        note(params, count, plain_name, decode(arena, value));
    }
}

static bool is_plain(const struct param *p)
{
    return p->times == 1 && !p->bracketed;
}

static void fault(struct faults *faults, const struct param *p, const char *must)
{
    faults_add(faults, slice_make(p->name, strlen(p->name)), "\"%s\" %s", p->name, must);
}

static struct slice read_text(const struct param *p, struct faults *faults)
{
    if (p->times == 0)
        return (struct slice){NULL, 0};
    if (!is_plain(p) || !utf8_valid(p->value))
        fault(faults, p, "must be a string");
    else if (p->value.len == 0)
        fault(faults, p, "is not allowed to be empty");
    return p->value;
}

static bool read_date(const struct param *p, int64_t *ret_ms, struct faults *faults)
{
    if (p->times == 0)
        return false;
    if (!is_plain(p))
        fault(faults, p, "must be a valid date");
    else if (!iso8601_parse(p->value, ret_ms))
        fault(faults, p, "must be in ISO 8601 date format");
    return true;
}

static struct slice trim(struct slice text)
{
    while (text.len > 0 && text.data[0] == ' ')
        text = slice_make(text.data + 1, text.len - 1);
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Decimal notation alone: strtod also takes hexadecimal, "inf" and "nan". */
static bool parse_number(struct slice text, double *ret)
{
    char copy[NUMBER_MAX_CHARS], *end;
    struct slice digits = trim(text);

    if (digits.len == 0 || digits.len >= sizeof copy)
        return false;
    memcpy(copy, digits.data, digits.len);
    copy[digits.len] = '\0';
    if (strspn(copy, "+-.0123456789eE") != digits.len)
        return false;
    *ret = strtod(copy, &end);
    return *end == '\0' && end != copy;
}

static int64_t read_number(const struct param *p, int64_t standard, int64_t max,
                           struct faults *faults)
{
    double number = 0;

    if (p->times == 0)
        return standard;
    if (!is_plain(p) || !parse_number(p->value, &number)) {
        fault(faults, p, "must be a number");
        return standard;
    }
    if (fabs(number) > SAFE_INTEGER_MAX) {
        fault(faults, p, "must be a safe number");
        return standard;
    }
    if (number != floor(number))
        fault(faults, p, "must be an integer");
    if (number < 1)
        fault(faults, p, "must be greater than or equal to 1");
    if (max > 0 && number > (double)max)
        faults_add(faults, slice_of(p->name), "\"%s\" must be less than or equal to %lld", p->name,
                   (long long)max);
    return (int64_t)number;
}

static struct slice read_cursor(const struct param *p, struct faults *faults)
{
    if (p->times > 0 && !is_plain(p))
        fault(faults, p, "must be a string");
    return p->value;
}

static enum count_mode read_count(const struct param *p, struct faults *faults)
{
    if (p->times == 0)
        return COUNT_DEFAULT;
    if (is_plain(p) && slice_is(p->value, "exact"))
        return COUNT_EXACT;
    if (!is_plain(p) || !slice_is(p->value, "none"))
        fault(faults, p, "must be one of [exact, none]");
    return COUNT_NONE;
}

enum result log_query_read(struct log_query *q, struct slice query, struct faults *faults)
{
    enum { PAGE, LIMIT, CURSOR, COUNT, PARAMS };
    struct param params[PARAMS] = {
        [PAGE] = {.name = "page"},
        [LIMIT] = {.name = "limit"},
        [CURSOR] = {.name = "cursor"},
        [COUNT] = {.name = "count"},
    };
    size_t before = faults->count;

    selection_read(&q->s, query, faults);
    collect(params, PARAMS, query, &q->_arena);
    q->page = read_number(&params[PAGE], 1, 0, faults);
    q->limit = read_number(&params[LIMIT], LIMIT_DEFAULT, LIMIT_MAX, faults);
    q->cursor = read_cursor(&params[CURSOR], faults);
    q->count = read_count(&params[COUNT], faults);
    return faults->count == before ? OK : REJECT;
}

void log_query_done(struct log_query *q)
{
    selection_done(&q->s);
    buf_done(&q->_arena);
}

enum result stats_query_read(struct stats_query *q, struct slice query, struct faults *faults)
{
    enum { SERVICE, START, END, LIMIT, PARAMS };
    struct param params[PARAMS] = {
        [SERVICE] = {.name = "service"},
        [START] = {.name = "startDate"},
        [END] = {.name = "endDate"},
        [LIMIT] = {.name = "limit"},
    };
    size_t before = faults->count;

    collect(params, PARAMS, query, &q->_arena);
    q->service = read_text(&params[SERVICE], faults);
    q->has_start = read_date(&params[START], &q->start_ms, faults);
    q->has_end = read_date(&params[END], &q->end_ms, faults);
    q->limit = read_number(&params[LIMIT], STATS_LIMIT_DEFAULT, LIMIT_MAX, faults);
    return faults->count == before ? OK : REJECT;
}

void stats_query_done(struct stats_query *q)
{
    buf_done(&q->_arena);
}
