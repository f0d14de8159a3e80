/* SPDX-License-Identifier: MIT */
#include "gateway/query_params.h"

#include "common/iso8601.h"
#include "common/percent.h"
#include "common/utf8.h"

#include <math.h>
#include <stdlib.h>

enum {
    LIMIT_DEFAULT = 50,
    LIMIT_MAX = 1000,
    STATS_LIMIT_DEFAULT = 100,
    NUMBER_MAX_CHARS = 64,
    FIELD_PATH_MAX = 200
};

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

static bool read_sort(const struct param *p, struct faults *faults)
{
    if (p->times == 0)
        return false;
    if (is_plain(p) && slice_is(p->value, "timestamp"))
        return true;
    if (!is_plain(p) || !slice_is(p->value, "-timestamp"))
        fault(faults, p, "must be one of [timestamp, -timestamp]");
    return false;
}

static bool is_inside(struct slice path, struct slice outer)
{
    return path.len > outer.len && path.data[outer.len] == '.' &&
           memcmp(path.data, outer.data, outer.len) == 0;
}

/* The store refuses a path together with what it lies in: the wider one is kept. */
static void add_field(struct log_query *q, struct slice path)
{
    size_t kept = 0;

    for (size_t i = 0; i < q->field_count; i++)
        if (slice_eq(path, q->fields[i]) || is_inside(path, q->fields[i]))
            return;
    for (size_t i = 0; i < q->field_count; i++)
        if (!is_inside(q->fields[i], path))
            q->fields[kept++] = q->fields[i];
    q->fields[kept] = path;
    q->field_count = kept + 1;
}

/* A member's name, or a path to one inside it: letters, digits and `_-.`, which cannot mean more.
 */
static bool is_field(struct slice path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i], lower = (char)(c | 0x20);
        bool is_name = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '-' || (unsigned char)c >= 0x80;
        bool is_dot = c == '.' && i > 0 && i + 1 < path.len && path.data[i - 1] != '.';

        if (!is_name && !is_dot)
            return false;
    }
    return path.len > 0 && path.len <= FIELD_PATH_MAX && utf8_valid(path);
}

static void read_fields(struct log_query *q, const struct param *p, struct faults *faults)
{
    struct slice rest = p->value;

    if (p->times == 0)
        return;
    if (!is_plain(p)) {
        fault(faults, p, "must be a string");
        return;
    }
    for (;;) {
        const char *comma = rest.len > 0 ? memchr(rest.data, ',', rest.len) : NULL;
        struct slice path = {rest.data, comma ? (size_t)(comma - rest.data) : rest.len};

        if (!is_field(path)) {
            fault(faults, p, "fails to match the required pattern");
            return;
        }
        if (q->field_count == FIELDS_MAX) {
            faults_add(faults, slice_of(p->name),
                       "\"fields\" must contain less than or equal to %d items", FIELDS_MAX);
            return;
        }
        add_field(q, path);
        if (!comma)
            return;
        rest = slice_make(comma + 1, rest.len - path.len - 1);
    }
}

enum result log_query_read(struct log_query *q, struct slice query, struct faults *faults)
{
    enum { PAGE, LIMIT, CURSOR, COUNT, SORT, FIELDS, PARAMS };
    struct param params[PARAMS] = {
        [PAGE] = {.name = "page"},   [LIMIT] = {.name = "limit"}, [CURSOR] = {.name = "cursor"},
        [COUNT] = {.name = "count"}, [SORT] = {.name = "sort"},   [FIELDS] = {.name = "fields"},
    };
    size_t before = faults->count;

    selection_read(&q->s, query, faults);
    collect(params, PARAMS, query, &q->_arena);
    q->page = read_number(&params[PAGE], 1, 0, faults);
    q->limit = read_number(&params[LIMIT], LIMIT_DEFAULT, LIMIT_MAX, faults);
    q->cursor = read_cursor(&params[CURSOR], faults);
    q->count = read_count(&params[COUNT], faults);
    q->oldest_first = read_sort(&params[SORT], faults);
    read_fields(q, &params[FIELDS], faults);
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
