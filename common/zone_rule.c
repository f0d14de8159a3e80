/* SPDX-License-Identifier: MIT */
#include "common/zone_rule.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

static bool take_char(struct slice *rest, char c)
{
    if (rest->len == 0 || rest->data[0] != c)
        return false;
    *rest = slice_make(rest->data + 1, rest->len - 1);
    return true;
}

static bool take_number(struct slice *rest, int64_t max, int64_t *ret)
{
    int64_t n = 0;
    size_t len = 0;

    for (; len < rest->len && rest->data[len] >= '0' && rest->data[len] <= '9' && n <= max; len++)
        n = n * 10 + (rest->data[len] - '0');
    if (len == 0 || n > max)
        return false;
    *rest = slice_make(rest->data + len, rest->len - len);
    *ret = n;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool take_name(struct slice *rest)
{
    size_t len = 0;

    if (take_char(rest, '<')) {
        const char *end = rest->len > 0 ? memchr(rest->data, '>', rest->len) : NULL;
        if (!end)
            return false;
        len = (size_t)(end - rest->data) + 1;
    } else {
        while (len < rest->len && is_letter(rest->data[len]))
            len++;
    }
    *rest = slice_make(rest->data + len, rest->len - len);
    return len >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct slice *rest, int64_t *ret_s)
{
    bool negative = take_char(rest, '-');
    int64_t hours, minutes = 0, seconds = 0;

    if (!negative)
        take_char(rest, '+');
    if (!take_number(rest, 167, &hours))
        return false;
    if (take_char(rest, ':') && !take_number(rest, 59, &minutes))
        return false;
    if (take_char(rest, ':') && !take_number(rest, 59, &seconds))
        return false;
    *ret_s = hours * HOUR_S + minutes * 60 + seconds;
    *ret_s = negative ? -*ret_s : *ret_s;
    return true;
}

static bool take_day(struct slice *rest, struct zone_change *ret)
{
    int64_t month = 0, week = 0, day = 0;

    if (take_char(rest, 'M')) {
        ret->kind = CHANGE_WEEKDAY;
        if (!take_number(rest, 12, &month) || !take_char(rest, '.') ||
            !take_number(rest, 5, &week) || !take_char(rest, '.') || !take_number(rest, 6, &day) ||
            month < 1 || week < 1)
            return false;
    } else {
        ret->kind = take_char(rest, 'J') ? CHANGE_JULIAN : CHANGE_DAY;
        if (!take_number(rest, 365, &day) || (ret->kind == CHANGE_JULIAN && day < 1))
            return false;
    }
    ret->month = (int)month;
    ret->week = (int)week;
    ret->day = (int)day;
    return true;
}

static bool take_change(struct slice *rest, struct zone_change *ret)
{
    if (!take_char(rest, ',') || !take_day(rest, ret))
        return false;
    ret->time_s = 2L * HOUR_S;
    return !take_char(rest, '/') || take_time(rest, &ret->time_s);
}

bool zone_rule_parse(struct slice text, struct zone_rule *ret)
{
    struct zone_rule r = {.has_summer = false};
    int64_t behind_s;

    if (!take_name(&text) || !take_time(&text, &behind_s))
        return false;
    r.standard_s = -behind_s;
    if (text.len > 0) {
        r.has_summer = true;
        r.summer_s = r.standard_s + HOUR_S;
        if (!take_name(&text))
            return false;
        if (text.len > 0 && text.data[0] != ',') {
            if (!take_time(&text, &behind_s))
                return false;
            r.summer_s = -behind_s;
        }
        if (!take_change(&text, &r.begins) || !take_change(&text, &r.ends))
            return false;
    }
    *ret = r;
    return text.len == 0;
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar:
 * http://howardhinnant.github.io/date_algorithms.html#days_from_civil */
static int64_t day_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t year_of(int64_t day)
{
    int64_t year = 1970 + day / 366; /* at most this far from 1970 */

    while (day_of(year + 1, 1, 1) <= day)
        year++;
    while (day_of(year, 1, 1) > day)
        year--;
    return year;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t change_day(const struct zone_change *c, int64_t year)
{
    int64_t first = day_of(year, 1, 1);
    bool leap = day_of(year + 1, 1, 1) - first == 366;

    if (c->kind == CHANGE_DAY)
        return first + c->day;
    if (c->kind == CHANGE_JULIAN) /* February 29 is never counted */
        return first + c->day - 1 + (leap && c->day > 59);

    int64_t begin = day_of(year, c->month, 1);
    int64_t end = c->month == 12 ? day_of(year + 1, 1, 1) : day_of(year, c->month + 1, 1);
    int64_t weekday = begin + 4 - floor_div(begin + 4, 7) * 7; /* 1970-01-01: Thursday */
    int64_t day = begin + (c->day - weekday + 7) % 7 + (int64_t)(c->week - 1) * 7;
    return day >= end ? day - 7 : day;
}

int64_t zone_rule_offset_s(const struct zone_rule *r, int64_t utc_s)
{
    if (!r->has_summer)
        return r->standard_s;
    int64_t year = year_of(floor_div(utc_s + r->standard_s, DAY_S));
    int64_t begin = change_day(&r->begins, year) * DAY_S + r->begins.time_s - r->standard_s;
    int64_t end = change_day(&r->ends, year) * DAY_S + r->ends.time_s - r->summer_s;
    bool summer = begin < end ? utc_s >= begin && utc_s < end : !(utc_s >= end && utc_s < begin);

    return summer ? r->summer_s : r->standard_s;
}
