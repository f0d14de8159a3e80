/* SPDX-License-Identifier: MIT */
#include "common/iso8601.h"

enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60000, MS_PER_HOUR = 3600000, MS_PER_DAY = 86400000 };

/* What is left to read. */
struct cursor {
    const char *at, *end;
};

struct date {
    int year, month, day;
};

static bool take(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly `count` digits whose value is within [min, max]. */
static bool take_number(struct cursor *c, int count, int min, int max, int *ret)
{
    int n = 0;
    if (c->end - c->at < count)
        return false;
    for (int i = 0; i < count; i++) {
        if (!is_digit(c->at[i]))
            return false;
        n = n * 10 + (c->at[i] - '0');
    }
    if (n < min || n > max)
        return false;
    c->at += count;
    *ret = n;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Days since 1970-01-01. A year that begins in March has its leap day last, so the length of the
 * months before any month is a straight line, (153 m + 2) / 5, rounded down. */
static int64_t days_of(struct date d)
{
    int64_t year = d.month > 2 ? d.year : d.year - 1;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + d.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* The inverse. */
static struct date date_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    return (struct date){
        .year = (int)(year_of_era + era * 400 + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

/* YYYY[-MM[-DD]]; *ret_is_full says whether a time may follow. */
static bool take_date(struct cursor *c, int64_t *ret_ms, bool *ret_is_full)
{
    struct date d = {.month = 1, .day = 1};
    *ret_is_full = false;
    if (!take_number(c, 4, 0, 9999, &d.year))
        return false;
    if (take(c, '-')) {
        if (!take_number(c, 2, 1, 12, &d.month))
            return false;
        *ret_is_full = take(c, '-');
        if (*ret_is_full && !take_number(c, 2, 1, days_in_month(d.year, d.month), &d.day))
            return false;
    }
    *ret_ms = days_of(d) * MS_PER_DAY;
    return true;
}

/* .f, .ff, .fff, and further digits that are cut */
static bool take_fraction(struct cursor *c, int64_t *ms)
{
    const char *first = c->at;
    for (int unit = 100; c->at < c->end && is_digit(*c->at); unit /= 10, c->at++)
        *ms += (int64_t)unit * (*c->at - '0');
    return c->at > first;
}

/* HH:MM[:SS[.fff]] */
static bool take_time(struct cursor *c, int64_t *ms)
{
    int hour, minute, second = 0;
    if (!take_number(c, 2, 0, 23, &hour) || !take(c, ':') || !take_number(c, 2, 0, 59, &minute))
        return false;
    bool has_seconds = take(c, ':');
    if (has_seconds && !take_number(c, 2, 0, 59, &second))
        return false;
    *ms += hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND;
    return !has_seconds || !take(c, '.') || take_fraction(c, ms);
}

/* Z, +HH, +HHMM, +HH:MM, or nothing: UTC */
static bool take_offset(struct cursor *c, int64_t *ms)
{
    int hour, minute = 0;
    if (c->at == c->end || take(c, 'Z'))
        return true;
    bool is_west = take(c, '-');
    if ((!is_west && !take(c, '+')) || !take_number(c, 2, 0, 23, &hour))
        return false;
    bool has_minutes = take(c, ':') || c->at < c->end;
    if (has_minutes && !take_number(c, 2, 0, 59, &minute))
        return false;
    int64_t east = hour * MS_PER_HOUR + minute * MS_PER_MINUTE;
    *ms += is_west ? east : -east;
    return true;
}

bool iso8601_parse(struct slice text, int64_t *ret_ms)
{
    static const int64_t first = -62167219200000; /* 0000-01-01 */
    static const int64_t last = 253402300799999;  /* 9999-12-31T23:59:59.999 */
    struct cursor c = {text.data, text.data + text.len};
    int64_t ms;
    bool is_full;
    if (!text.data || !take_date(&c, &ms, &is_full))
        return false;
    if (is_full && (take(&c, 'T') || take(&c, ' ')) &&
        (!take_time(&c, &ms) || !take_offset(&c, &ms)))
        return false;
    if (c.at != c.end || ms < first || ms > last)
        return false;
    *ret_ms = ms;
    return true;
}

static void put_two(char *out, int n)
{
    out[0] = (char)('0' + n / 10);
    out[1] = (char)('0' + n % 10);
}

void iso8601_format(int64_t ms, char out[ISO8601_LEN])
{
    int64_t days = (ms >= 0 ? ms : ms - (MS_PER_DAY - 1)) / MS_PER_DAY;
    int left = (int)(ms - days * MS_PER_DAY);
    struct date d = date_of(days);
    memcpy(out, "0000-00-00T00:00:00.000Z", ISO8601_LEN);
    put_two(out, d.year / 100);
    put_two(out + 2, d.year % 100);
    put_two(out + 5, d.month);
    put_two(out + 8, d.day);
    put_two(out + 11, left / MS_PER_HOUR);
    put_two(out + 14, left / MS_PER_MINUTE % 60);
    put_two(out + 17, left / MS_PER_SECOND % 60);
    put_two(out + 20, left % MS_PER_SECOND / 10);
    out[22] = (char)('0' + left % 10);
}
