/* SPDX-License-Identifier: MIT */
#include "common/utf8.h"

#include <stdbool.h>

static bool is_within(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

/* The second byte carries the limits: Unicode 15, table 3-7. */
static bool is_second_byte(unsigned char lead, unsigned char c)
{
    switch (lead) {
    case 0xe0:
        return is_within(c, 0xa0, 0xbf);
    case 0xed:
        return is_within(c, 0x80, 0x9f);
    case 0xf0:
        return is_within(c, 0x90, 0xbf);
    case 0xf4:
        return is_within(c, 0x80, 0x8f);
    default:
        return is_within(c, 0x80, 0xbf);
    }
}

size_t utf8_char_len(const char *p, size_t left)
{
    const unsigned char *u = (const unsigned char *)p;
    if (left == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    size_t len = is_within(u[0], 0xc2, 0xdf) ? 2 : (u[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (!is_within(u[0], 0xc2, 0xf4) || len > left || !is_second_byte(u[0], u[1]))
        return 0;
    for (size_t i = 2; i < len; i++) {
        if (!is_within(u[i], 0x80, 0xbf))
            return 0;
    }
    return len;
}
