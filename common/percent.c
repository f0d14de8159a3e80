/* SPDX-License-Identifier: MIT */
#include "common/percent.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void percent_decode(struct buf *out, struct slice text, bool plus)
{
    buf_reserve(out, text.len);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        int high = c == '%' && text.len - i > 2 ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        buf_add_char(out, c);
    }
}

bool form_next(struct slice *rest, struct slice *ret_name, struct slice *ret_value)
{
    while (rest->len > 0) {
        const char *amp = memchr(rest->data, '&', rest->len);
        struct slice pair = {rest->data, amp ? (size_t)(amp - rest->data) : rest->len};
        size_t used = pair.len + (amp ? 1 : 0);
        *rest = slice_make(rest->data + used, rest->len - used);
        if (pair.len == 0)
            continue;
        const char *equals = memchr(pair.data, '=', pair.len);
        size_t name_len = equals ? (size_t)(equals - pair.data) : pair.len;
        size_t skip = name_len + (equals ? 1 : 0);
        *ret_name = slice_make(pair.data, name_len);
        *ret_value = slice_make(pair.data + skip, pair.len - skip);
        return true;
    }
    return false;
}

struct slice form_get(struct slice query, const char *name)
{
    struct slice found = {NULL, 0}, key, value;
    while (form_next(&query, &key, &value))
        if (slice_is(key, name))
            found = value;
    return found;
}
