/* SPDX-License-Identifier: MIT */
#include "schemas/json.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

static bool is_written_whole(struct slice raw)
{
    return !memchr(raw.data, '.', raw.len) && !memchr(raw.data, 'e', raw.len) &&
           !memchr(raw.data, 'E', raw.len);
}

struct json_number json_number(struct slice raw)
{
    /* strtoll and strtod stop at the byte after the number. */
    if (is_written_whole(raw)) {
        errno = 0;
        long long whole = strtoll(raw.data, NULL, 10);
        if (errno == 0)
            return (struct json_number){.is_whole = true, .whole = whole};
    }
    double real = strtod(raw.data, NULL);
    if (isinf(real))
        real = real > 0 ? DBL_MAX : -DBL_MAX;
    return (struct json_number){.real = real};
}

static bool is_equal(int64_t whole, double real)
{
    return real >= -0x1p63 && real < 0x1p63 && floor(real) == real && (int64_t)real == whole;
}

bool json_number_eq(struct json_number a, struct json_number b)
{
    if (a.is_whole && b.is_whole)
        return a.whole == b.whole;
    if (a.is_whole != b.is_whole)
        return a.is_whole ? is_equal(a.whole, b.real) : is_equal(b.whole, a.real);
    return a.real == b.real;
}
