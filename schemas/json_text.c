/* SPDX-License-Identifier: MIT */
#include "schemas/json.h"
#include "schemas/json_scan.h"

struct character {
    char bytes[4];
    size_t len;
};

static struct character encode(unsigned code)
{
    if (code < 0x80)
        return (struct character){{(char)code}, 1};
    if (code < 0x800)
        return (struct character){{(char)(0xc0 | code >> 6), (char)(0x80 | (code & 0x3f))}, 2};
    if (code < 0x10000)
        return (struct character){{(char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3f)),
                                   (char)(0x80 | (code & 0x3f))},
                                  3};
    return (struct character){{(char)(0xf0 | code >> 18), (char)(0x80 | (code >> 12 & 0x3f)),
                               (char)(0x80 | (code >> 6 & 0x3f)), (char)(0x80 | (code & 0x3f))},
                              4};
}

/* The character that the escape at `*at` stands for; steps behind it. */
static struct character unescape(const char **at)
{
    static const char plain[256] = {
        ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
    };
    const char *p = *at;
    if (p[1] != 'u') {
        *at += 2;
        return (struct character){{plain[(unsigned char)p[1]]}, 1};
    }
    unsigned code = (unsigned)json_hex4(p + 2);
    *at += 6;
    if (code >= 0xd800 && code <= 0xdbff) {
        code = 0x10000 + ((code - 0xd800) << 10) + ((unsigned)json_hex4(p + 8) - 0xdc00);
        *at += 6;
    }
    return encode(code);
}

/* The bytes between the quotes. */
static struct slice inside(struct json_value string)
{
    return slice_make(string.raw.data + 1, string.raw.len - 2);
}

struct slice json_text(struct json_value string, struct buf *arena)
{
    struct slice text = inside(string);
    if (!string.escaped)
        return text;
    buf_reserve(arena, text.len);
    const char *at = text.data, *end = text.data + text.len;
    char *first = arena->data + arena->len, *out = first;
    while (at < end) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        struct character c = unescape(&at);
        memcpy(out, c.bytes, c.len);
        out += c.len;
    }
    arena->len += (size_t)(out - first);
    return slice_make(first, (size_t)(out - first));
}

static bool escaped_is(struct slice escaped, struct slice text)
{
    const char *at = escaped.data, *end = escaped.data + escaped.len;
    while (at < end) {
        struct character c = {{*at}, 1};
        if (*at == '\\')
            c = unescape(&at);
        else
            at++;
        if (text.len < c.len || memcmp(text.data, c.bytes, c.len) != 0)
            return false;
        text = slice_make(text.data + c.len, text.len - c.len);
    }
    return text.len == 0;
}

bool json_key_is(struct json_value key, const char *text)
{
    return key.escaped ? escaped_is(inside(key), slice_of(text)) : slice_is(inside(key), text);
}

size_t json_code_points(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

bool json_is_compact(struct slice raw)
{
    const char *at = raw.data, *end = raw.data + raw.len;
    bool escaped;
    while (at < end && !json_is_space(*at))
        at = *at == '"' ? json_string_end(at, end, &escaped) : at + 1;
    return at >= end;
}

void json_add_compact(struct buf *out, struct slice raw)
{
    const char *at = raw.data, *end = raw.data + raw.len, *run = at;
    bool escaped;
    while (at < end) {
        if (*at == '"') {
            at = json_string_end(at, end, &escaped);
        } else if (json_is_space(*at)) {
            buf_add(out, run, (size_t)(at - run));
            at = run = json_skip_space(at, end);
        } else {
            at++;
        }
    }
    buf_add(out, run, (size_t)(at - run));
}
