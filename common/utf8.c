/* SPDX-License-Identifier: MIT */
#include "common/utf8.h"

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

bool utf8_valid(struct slice text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t len = utf8_char_len(text.data + at, text.len - at);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

uint32_t utf8_decode(const char *p, size_t len)
{
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)p[0] & lead_bits[len];

    for (size_t i = 1; i < len; i++)
        code = code << 6 | ((unsigned char)p[i] & 0x3f);
    return code;
}

size_t utf8_encode(uint32_t code, char out[4])
{
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(leads[len] | code);
    return len;
}

/* Blocks of Unicode: capitals and small letters so far apart, or by turns. */
static const struct case_range {
    uint32_t first, last; /* capitals; by turns: both */
    uint32_t apart;       /* 1: by turns, the capital first */
} case_ranges[] = {
    {'A', 'Z', 32},     {0xc0, 0xd6, 32},   {0xd8, 0xde, 32},   {0x100, 0x12f, 1},
    {0x132, 0x137, 1},  {0x139, 0x148, 1},  {0x14a, 0x177, 1},  {0x179, 0x17e, 1},
    {0x391, 0x3a1, 32}, {0x3a3, 0x3a9, 32}, {0x400, 0x40f, 80}, {0x410, 0x42f, 32},
};

uint32_t utf8_other_case(uint32_t code)
{
    for (size_t i = 0; i < sizeof case_ranges / sizeof case_ranges[0]; i++) {
        const struct case_range *r = &case_ranges[i];

        if (code >= r->first && code <= r->last)
            return r->apart > 1 || (code - r->first) % 2 == 0 ? code + r->apart : code - 1;
        if (r->apart > 1 && code >= r->first + r->apart && code <= r->last + r->apart)
            return code - r->apart;
    }
    return code;
}

void utf8_fold(char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t char_len = utf8_char_len(text + at, len - at);
        uint32_t code = utf8_decode(text + at, char_len), other = utf8_other_case(code);

        if (other > code) /* in every block the capitals come first */
            utf8_encode(other, text + at);
        at += char_len;
    }
}
