/* SPDX-License-Identifier: MIT */
#include "processor/redis_command.h"

#include "common/iso8601.h"
#include "common/mem.h"

#include <stdlib.h>

enum { NUMBER_MAX = 25 }; /* bytes of a number or a time */

void redis_command_begin(struct redis_command *c, size_t args)
{
    if (args > c->cap) {
        c->cap = args * 2;
        c->argv = mem_realloc(c->argv, c->cap * sizeof *c->argv);
        c->lens = mem_realloc(c->lens, c->cap * sizeof *c->lens);
    }
    c->count = 0;
    buf_clear(&c->numbers);
    buf_reserve(&c->numbers, args * NUMBER_MAX);
}

void redis_command_add(struct redis_command *c, struct slice arg)
{
    c->argv[c->count] = arg.data ? arg.data : "";
    c->lens[c->count++] = arg.len;
}

void redis_command_text(struct redis_command *c, const char *text)
{
    redis_command_add(c, slice_of(text));
}

void redis_command_number(struct redis_command *c, int64_t n)
{
    size_t at = c->numbers.len;

    buf_add_i64(&c->numbers, n);
    redis_command_add(c, slice_make(c->numbers.data + at, c->numbers.len - at));
}

void redis_command_time(struct redis_command *c, int64_t ms)
{
    char text[ISO8601_LEN];
    size_t at = c->numbers.len;

    iso8601_format(ms, text);
    buf_add(&c->numbers, text, sizeof text);
    redis_command_add(c, slice_make(c->numbers.data + at, sizeof text));
}

void redis_command_done(struct redis_command *c)
{
    free(c->argv);
    free(c->lens);
    buf_done(&c->numbers);
}
