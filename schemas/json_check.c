/* SPDX-License-Identifier: MIT */
/* DESIGN
 * JSON is a row of items, each a value with a key before it when we are inside an object. After
 * an item either another one opens (a container that is not empty), or containers close and a
 * comma announces the next. So the whole grammar is one loop, and what a recursive reader keeps
 * on the stack is one bit per level: object or array. */
#include "common/utf8.h"
#include "schemas/json.h"
#include "schemas/json_scan.h"

enum { WORD_BITS = 64 };

struct check {
    const char *at, *end;
    const char *fault; /* what is wrong at `at` */
    unsigned depth, max_depth;
    bool in_object; /* the innermost container */
    uint64_t objects[JSON_DEPTH_LIMIT / WORD_BITS];
};

static bool refuse(struct check *c, const char *what)
{
    c->fault = what;
    return false;
}

static bool is_next(const struct check *c, char wanted)
{
    return c->at < c->end && *c->at == wanted;
}

static void push(struct check *c, bool is_object)
{
    uint64_t bit = 1ULL << c->depth % WORD_BITS;
    uint64_t *word = &c->objects[c->depth / WORD_BITS];
    *word = is_object ? *word | bit : *word & ~bit;
    c->depth++;
    c->in_object = is_object;
}

static void pop(struct check *c)
{
    c->depth--;
    unsigned outer = c->depth - 1; /* not looked at when there is none */
    c->in_object = c->depth > 0 && c->objects[outer / WORD_BITS] >> outer % WORD_BITS & 1;
}

static bool is_high_surrogate(int unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* A surrogate alone names no character, and could not be stored as UTF-8. */
static bool take_unicode_escape(struct check *c)
{
    int unit = c->end - c->at >= 6 ? json_hex4(c->at + 2) : -1;
    if (unit < 0)
        return refuse(c, "four hexadecimal digits must follow \\u");
    if (is_low_surrogate(unit))
        return refuse(c, "surrogate without its other half");
    size_t len = 6;
    if (is_high_surrogate(unit)) {
        if (c->end - c->at < 12 || c->at[6] != '\\' || c->at[7] != 'u' ||
            !is_low_surrogate(json_hex4(c->at + 8)))
            return refuse(c, "surrogate without its other half");
        len = 12;
    }
    c->at += len;
    return true;
}

static bool take_escape(struct check *c)
{
    static const bool is_short_form[256] = {
        ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
        ['f'] = true, ['n'] = true,  ['r'] = true, ['t'] = true,
    };
    if (c->end - c->at < 2)
        return refuse(c, "string does not end");
    if (c->at[1] == 'u')
        return take_unicode_escape(c);
    if (!is_short_form[(unsigned char)c->at[1]])
        return refuse(c, "unknown escape");
    c->at += 2;
    return true;
}

/* Whatever json_skip_plain stops at, but for the closing quote. */
static bool take_special(struct check *c)
{
    if (*c->at == '\\')
        return take_escape(c);
    if ((unsigned char)*c->at < 0x20)
        return refuse(c, "control character in a string");
    do {
        size_t len = utf8_char_len(c->at, (size_t)(c->end - c->at));
        if (len == 0)
            return refuse(c, "not UTF-8");
        c->at += len;
    } while (c->at < c->end && (unsigned char)*c->at >= 0x80);
    return true;
}

static bool take_string(struct check *c)
{
    c->at++;
    for (;;) {
        c->at = json_skip_plain(c->at, c->end);
        if (c->at == c->end)
            return refuse(c, "string does not end");
        if (*c->at == '"')
            break;
        if (!take_special(c))
            return false;
    }
    c->at++;
    return true;
}

static size_t take_digits(struct check *c)
{
    const char *first = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    return (size_t)(c->at - first);
}

static bool take_number(struct check *c)
{
    if (*c->at == '-')
        c->at++;
    bool begins_with_zero = is_next(c, '0');
    size_t whole = take_digits(c);
    if (whole == 0)
        return refuse(c, "expected a digit");
    if (whole > 1 && begins_with_zero)
        return refuse(c, "number with a leading zero");
    if (is_next(c, '.')) {
        c->at++;
        if (take_digits(c) == 0)
            return refuse(c, "expected a digit");
    }
    if (is_next(c, 'e') || is_next(c, 'E')) {
        c->at++;
        if (is_next(c, '+') || is_next(c, '-'))
            c->at++;
        if (take_digits(c) == 0)
            return refuse(c, "expected a digit");
    }
    return true;
}

static bool take_word(struct check *c, const char *word, size_t len)
{
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
        return refuse(c, "expected a value");
    c->at += len;
    return true;
}

/* An empty container closes at once. */
static bool take_open(struct check *c, bool *ret_opened)
{
    bool is_object = *c->at == '{';
    if (c->depth == c->max_depth)
        return refuse(c, "nested too deep");
    c->at = json_skip_space(c->at + 1, c->end);
    *ret_opened = !is_next(c, is_object ? '}' : ']');
    if (*ret_opened)
        push(c, is_object);
    else
        c->at++;
    return true;
}

static bool take_value(struct check *c, bool *ret_opened)
{
    *ret_opened = false;
    c->at = json_skip_space(c->at, c->end);
    if (c->at == c->end)
        return refuse(c, "expected a value");
    switch (*c->at) {
    case '"':
        return take_string(c);
    case '{':
    case '[':
        return take_open(c, ret_opened);
    case 't':
        return take_word(c, "true", 4);
    case 'f':
        return take_word(c, "false", 5);
    case 'n':
        return take_word(c, "null", 4);
    default:
        if (*c->at == '-' || (*c->at >= '0' && *c->at <= '9'))
            return take_number(c);
        return refuse(c, "expected a value");
    }
}

static bool take_key(struct check *c)
{
    c->at = json_skip_space(c->at, c->end);
    if (!is_next(c, '"'))
        return refuse(c, "expected a key");
    if (!take_string(c))
        return false;
    c->at = json_skip_space(c->at, c->end);
    if (!is_next(c, ':'))
        return refuse(c, "expected ':'");
    c->at++;
    return true;
}

/* Behind a value: closes what ends here; true when a comma announces another item. */
static bool goes_on(struct check *c)
{
    while (c->depth > 0) {
        c->at = json_skip_space(c->at, c->end);
        if (is_next(c, ',')) {
            c->at++;
            return true;
        }
        if (!is_next(c, c->in_object ? '}' : ']'))
            return refuse(c, c->in_object ? "expected ',' or '}'" : "expected ',' or ']'");
        c->at++;
        pop(c);
    }
    return false;
}

static bool take_text(struct check *c)
{
    bool opened;
    do {
        if (c->in_object && !take_key(c))
            return false;
        if (!take_value(c, &opened))
            return false;
    } while (opened || goes_on(c));
    if (c->fault)
        return false;
    c->at = json_skip_space(c->at, c->end);
    return c->at == c->end || refuse(c, "something follows the value");
}

enum result json_check(struct slice text, unsigned max_depth, struct err *err)
{
    if (text.len == 0)
        return err_set(err, REJECT, "no JSON at all");
    struct check c = {
        .at = text.data,
        .end = text.data + text.len,
        .max_depth = max_depth < JSON_DEPTH_LIMIT ? max_depth : JSON_DEPTH_LIMIT,
    };
    if (!take_text(&c))
        return err_set(err, REJECT, "%s at byte %zu", c.fault, (size_t)(c.at - text.data));
    return OK;
}
