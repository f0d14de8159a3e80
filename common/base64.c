/* SPDX-License-Identifier: MIT */
#include "common/base64.h"

void base64_encode(struct buf *out, struct slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t left = bytes.len - at;
        uint32_t three = 0;

        for (size_t i = 0; i < 3; i++)
            three = three << 8 | (i < left ? (unsigned char)bytes.data[at + i] : 0U);
        buf_add_char(out, digits[three >> 18 & 63]);
        buf_add_char(out, digits[three >> 12 & 63]);
        buf_add_char(out, '=');
        buf_add_char(out, '=');
        if (left > 1)
            out->data[out->len - 2] = digits[three >> 6 & 63];
        if (left > 2)
            out->data[out->len - 1] = digits[three & 63];
    }
}
