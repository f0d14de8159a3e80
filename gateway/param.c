/* SPDX-License-Identifier: MIT */
#include "gateway/param.h"

#include "common/percent.h"
#include "common/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { NUMBER_MAX_CHARS = 64 };

/* 2^53 - 1: beyond it JavaScript, whose words these are, calls a number unsafe. */
#define SAFE_INTEGER_MAX 9007199254740991.0

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
        assert(params[i].name);
        if (!slice_is(base, params[i].name))
            continue;
        params[i].value = value;
        params[i].times++;
        params[i].bracketed |= bracket != NULL;
    }
}

void params_read(struct param *params, size_t count, struct slice query, struct buf *arena)
{
    struct slice name, value;

    /* Decoding never grows a text: what is decoded stays where it is. */
    buf_reserve(arena, query.len + 1);
    while (form_next(&query, &name, &value)) {
        struct slice plain_name = decode(arena, name);
        note(params, count, plain_name, decode(arena, value));
    }
}

bool param_is_plain(const struct param *p)
{
    return p->times == 1 && !p->bracketed;
}

void param_fault(const struct param *p, const char *must, struct faults *faults)
{
    faults_add(faults, slice_of(p->name), "\"%s\" %s", p->name, must);
}

struct slice param_text(const struct param *p, struct faults *faults)
{
    if (p->times == 0)
        return (struct slice){NULL, 0};
    if (!param_is_plain(p) || !utf8_valid(p->value))
        param_fault(p, "must be a string", faults);
    else if (p->value.len == 0)
        param_fault(p, "is not allowed to be empty", faults);
    return p->value;
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

int64_t param_number(const struct param *p, int64_t standard, int64_t max, struct faults *faults)
{
    double number = 0;

    if (p->times == 0)
        return standard;
    if (!param_is_plain(p) || !parse_number(p->value, &number)) {
        param_fault(p, "must be a number", faults);
        return standard;
    }
    if (fabs(number) > SAFE_INTEGER_MAX) {
        param_fault(p, "must be a safe number", faults);
        return standard;
    }
    if (number != floor(number))
        param_fault(p, "must be an integer", faults);
    if (number < 1)
        param_fault(p, "must be greater than or equal to 1", faults);
    if (max > 0 && number > (double)max)
        faults_add(faults, slice_of(p->name), "\"%s\" must be less than or equal to %lld", p->name,
                   (long long)max);
    return (int64_t)number;
}

size_t param_choice(const struct param *p, const char *const *names, size_t count, size_t standard,
                    struct faults *faults)
{
    AUTO_BUF must = {0};

    if (p->times == 0)
        return standard;
    for (size_t i = 0; i < count; i++)
        if (param_is_plain(p) && slice_is(p->value, names[i]))
            return i;
    buf_add_text(&must, "must be one of ");
    for (size_t i = 0; i < count; i++)
        buf_printf(&must, "%s%s", i ? ", " : "[", names[i]);
    buf_add_char(&must, ']');
    param_fault(p, buf_text(&must), faults);
    return standard;
}
