/* SPDX-License-Identifier: MIT */
#include "gateway/base64url.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(struct buf *out, struct slice bytes)
{
    uint32_t bits = 0;
    unsigned held = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | (unsigned char)bytes.data[i];
        for (held += 8; held >= 6; held -= 6)
            buf_add_char(out, alphabet[bits >> (held - 6) & 63]);
    }
    if (held > 0)
        buf_add_char(out, alphabet[bits << (6 - held) & 63]);
}

bool base64url_decode(struct buf *out, struct slice text)
{
    uint32_t bits = 0;
    unsigned held = 0;

    for (size_t i = 0; i < text.len; i++) {
        const char *at = text.data[i] ? strchr(alphabet, text.data[i]) : NULL;
        if (!at)
            return false;
        bits = bits << 6 | (uint32_t)(at - alphabet);
        held += 6;
        if (held >= 8) {
            held -= 8;
            buf_add_char(out, (char)(bits >> held & 255));
        }
    }
    /* What is left must be fewer bits than a character and all zero, or two texts would mean the
     * same bytes. */
    return held < 6 && (bits & ((1U << held) - 1)) == 0;
}
