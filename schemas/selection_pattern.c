/* SPDX-License-Identifier: MIT */
#include "schemas/selection_pattern.h"

#include "common/utf8.h"

bool selection_successor(struct buf *out, struct slice prefix)
{
    static const uint32_t last = 0x10ffff, surrogates = 0xd800, after_surrogates = 0xe000;

    while (prefix.len > 0) {
        size_t at = prefix.len - 1;
        char next[4];

        while (((unsigned char)prefix.data[at] & 0xc0) == 0x80)
            at--;
        uint32_t code = utf8_decode(prefix.data + at, prefix.len - at);
        prefix.len = at;
        if (code == last)
            continue;
        buf_add_slice(out, prefix);
        buf_add(out, next, utf8_encode(code + 1 == surrogates ? after_surrogates : code + 1, next));
        return true;
    }
    return false;
}

/* Letters and digits stand for themselves, all else is escaped. */
static void add_quoted(struct buf *out, char c)
{
    char lower = (char)(c | 0x20);

    if ((unsigned char)c < ' ' || c == 0x7f) {
        buf_printf(out, "\\x%02x", (unsigned)(unsigned char)c);
        return;
    }
    if ((unsigned char)c < 0x80 && !(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9'))
        buf_add_char(out, '\\');
    buf_add_char(out, c);
}

void selection_pattern_prefix(struct buf *out, struct slice prefix)
{
    buf_add_char(out, '^');
    for (size_t i = 0; i < prefix.len; i++)
        add_quoted(out, prefix.data[i]);
}

void selection_pattern_word(struct buf *out, struct slice word)
{
    for (size_t at = 0; at < word.len;) {
        size_t len = utf8_char_len(word.data + at, word.len - at);
        uint32_t code = utf8_decode(word.data + at, len), other = utf8_other_case(code);
        char capital[4];

        if (other == code && len == 1) {
            add_quoted(out, word.data[at]);
        } else if (other == code) {
            buf_add(out, word.data + at, len);
        } else {
            buf_add_char(out, '[');
            buf_add(out, word.data + at, len);
            buf_add(out, capital, utf8_encode(other, capital));
            buf_add_char(out, ']');
        }
        at += len;
    }
}
