/* SPDX-License-Identifier: MIT */
#include "schemas/total.h"

#include "common/ident.h"
#include "common/percent.h"

#include <string.h>

static const char cell_names[CELL_COUNT][3] = {"is", "if", "in", "ws", "wf", "wn",
                                               "es", "ef", "en", "cs", "cf", "cn"};

enum { FIRST_MONDAY_MS = 4 * 86400000 }; /* 1970 began on a Thursday */

const char *total_span_name(enum total_span s)
{
    static const char *const names[] = {"hour", "day", "week"};
    return names[s];
}

int64_t total_span_length_ms(enum total_span s)
{
    static const int64_t lengths[] = {3600000, 86400000, 604800000};
    return lengths[s];
}

int64_t total_span_start(enum total_span s, int64_t ms)
{
    int64_t length = total_span_length_ms(s), first = s == TOTAL_WEEK ? FIRST_MONDAY_MS : 0;
    int64_t past = (ms - first) % length;

    return ms - (past < 0 ? past + length : past);
}

unsigned total_chunk(struct slice service, struct slice action)
{
    return (unsigned)(hash128_pair(service, action).low % TOTAL_CHUNKS);
}

static void add_encoded(struct buf *out, struct slice name)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];

        if (memchr("%.$|", c, sizeof "%.$|")) { /* with its NUL */
            const char escape[] = {'%', hex[c >> 4], hex[c & 15]};
            buf_add(out, escape, sizeof escape);
        } else {
            buf_add_char(out, (char)c);
        }
    }
}

void total_row_name(struct buf *out, struct slice service, struct slice action)
{
    add_encoded(out, service);
    buf_add_char(out, '|');
    add_encoded(out, action);
}

bool total_row_parse(struct slice name, struct buf *arena, struct slice *ret_service,
                     struct slice *ret_action)
{
    const char *bar = memchr(name.data, '|', name.len);

    if (!bar)
        return false;
    size_t at = (size_t)(bar - name.data);
    buf_clear(arena);
    buf_reserve(arena, name.len); /* views into it stay */
    percent_decode(arena, slice_make(name.data, at), false);
    size_t service_len = arena->len;
    percent_decode(arena, slice_make(bar + 1, name.len - at - 1), false);
    *ret_service = slice_make(arena->data, service_len);
    *ret_action = slice_make(arena->data + service_len, arena->len - service_len);
    return true;
}

const char *total_cell_name(size_t cell)
{
    return cell_names[cell];
}

bool total_cell_parse(struct slice name, size_t *ret)
{
    for (size_t i = 0; i < CELL_COUNT; i++) {
        if (name.len == 2 && memcmp(name.data, cell_names[i], 2) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}
