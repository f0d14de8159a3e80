/* SPDX-License-Identifier: MIT */
#include "common/zone.h"

#include "common/mem.h"
#include "common/zone_rule.h"

#include <stdlib.h>

enum { HEADER_LEN = 44, TYPE_LEN = 6, DAY_S = 86400, HOUR_S = 3600, HALF_DAY_S = 43200 };

struct change {
    int64_t at_s, offset_s;
};

struct zone {
    int64_t first_s; /* the offset before all changes */
    bool has_rule;   /* for what follows the last change */
    struct zone_rule rule;
    size_t count;
    struct change changes[];
};

/* The counts of a header, in their order. */
struct counts {
    size_t is_utc, is_standard, leaps, changes, types, chars;
};

static int64_t read_be(const char *data, size_t len)
{
    uint64_t n = (unsigned char)data[0] & 0x80 ? UINT64_MAX : 0;

    for (size_t i = 0; i < len; i++)
        n = n << 8 | (unsigned char)data[i];
    return (int64_t)n;
}

static bool read_header(struct slice at, struct counts *ret)
{
    size_t n[6];

    if (at.len < HEADER_LEN || memcmp(at.data, "TZif", 4) != 0 || at.data[4] < '2')
        return false;
    for (size_t i = 0; i < 6; i++) {
        int64_t count = read_be(at.data + 20 + i * 4, 4);
        if (count < 0 || count > 100000)
            return false;
        n[i] = (size_t)count;
    }
    *ret = (struct counts){n[0], n[1], n[2], n[3], n[4], n[5]};
    return ret->types > 0;
}

/* What follows a header, with times of so many bytes. */
static size_t body_len(const struct counts *c, size_t time_len)
{
    return c->changes * (time_len + 1) + c->types * TYPE_LEN + c->chars +
           c->leaps * (time_len + 4) + c->is_standard + c->is_utc;
}

static bool read_changes(const char *data, const struct counts *c, struct zone *z)
{
    const char *kinds = data + c->changes * 8, *types = kinds + c->changes;

    z->first_s = read_be(types, 4);
    z->count = c->changes;
    for (size_t i = 0; i < c->changes; i++) {
        size_t kind = (unsigned char)kinds[i];

        if (kind >= c->types)
            return false;
        z->changes[i] =
            (struct change){read_be(data + i * 8, 8), read_be(types + kind * TYPE_LEN, 4)};
        if (i > 0 && z->changes[i].at_s <= z->changes[i - 1].at_s)
            return false;
    }
    return true;
}

/* "\n<rule>\n" */
static bool read_footer(struct slice rest, struct zone *z)
{
    if (rest.len < 2 || rest.data[0] != '\n')
        return false;
    const char *end = memchr(rest.data + 1, '\n', rest.len - 1);
    if (!end)
        return false;
    struct slice rule = slice_make(rest.data + 1, (size_t)(end - rest.data) - 1);
    z->has_rule = rule.len > 0;
    return !z->has_rule || zone_rule_parse(rule, &z->rule);
}

enum result zone_parse(struct slice tzif, struct zone **ret, struct err *err)
{
    struct counts c;

    /* First all of it with times of 32 bits, for old readers. */
    if (!read_header(tzif, &c) || tzif.len < HEADER_LEN + body_len(&c, 4))
        return err_set(err, REJECT, "not a time zone file");
    size_t skip = HEADER_LEN + body_len(&c, 4);
    struct slice rest = slice_make(tzif.data + skip, tzif.len - skip);
    if (!read_header(rest, &c) || rest.len < HEADER_LEN + body_len(&c, 8))
        return err_set(err, REJECT, "a time zone file that is cut short");

    AUTO(zone) z = mem_zalloc(sizeof *z + c.changes * sizeof z->changes[0]);
    skip = HEADER_LEN + body_len(&c, 8);
    if (!read_changes(rest.data + HEADER_LEN, &c, z) ||
        !read_footer(slice_make(rest.data + skip, rest.len - skip), z))
        return err_set(err, REJECT, "a time zone file that makes no sense");
    *ret = TAKE(z);
    return OK;
}

void zone_free(struct zone *z)
{
    free(z);
}

int64_t zone_offset_s(const struct zone *z, int64_t utc_s)
{
    size_t low = 0, high = z->count; /* how many changes lie at or before utc_s */

    if (z->count == 0 || utc_s >= z->changes[z->count - 1].at_s) {
        if (z->has_rule)
            return zone_rule_offset_s(&z->rule, utc_s);
        return z->count > 0 ? z->changes[z->count - 1].offset_s : z->first_s;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->changes[middle].at_s <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? z->changes[low - 1].offset_s : z->first_s;
}

/* The change within (from_s, to_s], between which the offset differs. */
static int64_t find_change(const struct zone *z, int64_t from_s, int64_t to_s)
{
    int64_t before = zone_offset_s(z, from_s);

    while (to_s - from_s > 1) {
        int64_t middle = from_s + (to_s - from_s) / 2;
        if (zone_offset_s(z, middle) == before)
            from_s = middle;
        else
            to_s = middle;
    }
    return to_s;
}

int64_t zone_day_start_s(const struct zone *z, int64_t day)
{
    int64_t local_s = day * DAY_S;
    int64_t about_s = local_s - zone_offset_s(z, local_s);
    int64_t before = zone_offset_s(z, about_s - HALF_DAY_S);
    int64_t after = zone_offset_s(z, about_s + HALF_DAY_S);

    if (zone_offset_s(z, local_s - before) == before)
        return local_s - before;
    if (zone_offset_s(z, local_s - after) == after)
        return local_s - after;
    return find_change(z, local_s - after, local_s - before);
}

int64_t zone_next_hour_s(const struct zone *z, int64_t utc_s)
{
    int64_t offset = zone_offset_s(z, utc_s);
    int64_t into_s = (utc_s + offset) % HOUR_S;
    int64_t next_s = utc_s + HOUR_S - (into_s < 0 ? into_s + HOUR_S : into_s);

    return zone_offset_s(z, next_s) == offset ? next_s : find_change(z, utc_s, next_s);
}
