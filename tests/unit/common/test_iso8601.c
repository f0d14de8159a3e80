/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/iso8601.h"

#include <time.h>

static void assert_reads(const char *text, const char *shown)
{
    int64_t ms;
    char out[ISO8601_LEN];
    if (!iso8601_parse(slice_of(text), &ms))
        fail_msg("\"%s\" was refused", text);
    iso8601_format(ms, out);
    if (!slice_eq(slice_make(out, sizeof out), slice_of(shown)))
        fail_msg("\"%s\" was read as %.*s, not as %s", text, ISO8601_LEN, out, shown);
}

static void assert_refused(const char *text)
{
    int64_t ms = 42;
    if (iso8601_parse(slice_of(text), &ms))
        fail_msg("\"%s\" was accepted", text);
    assert_int_equal(ms, 42);
}

TEST(dates_alone_are_midnight_utc)
{
    assert_reads("2026", "2026-01-01T00:00:00.000Z");
    assert_reads("2026-11", "2026-11-01T00:00:00.000Z");
    assert_reads("2026-11-22", "2026-11-22T00:00:00.000Z");
}

TEST(times_are_read_to_the_millisecond_and_cut_beyond)
{
    assert_reads("2026-11-22T10:05", "2026-11-22T10:05:00.000Z");
    assert_reads("2026-11-22T10:05:06", "2026-11-22T10:05:06.000Z");
    assert_reads("2026-11-22T10:05:06.7Z", "2026-11-22T10:05:06.700Z");
    assert_reads("2026-11-22T10:05:06.78Z", "2026-11-22T10:05:06.780Z");
    assert_reads("2026-11-22T10:05:06.789Z", "2026-11-22T10:05:06.789Z");
    assert_reads("2026-11-22T10:05:06.7899999999999Z", "2026-11-22T10:05:06.789Z");
    assert_reads("2026-11-22 10:05:06Z", "2026-11-22T10:05:06.000Z");
}

TEST(offsets_are_taken_off)
{
    assert_reads("2026-11-22T10:00:00+02:00", "2026-11-22T08:00:00.000Z");
    assert_reads("2026-11-22T10:00:00+0200", "2026-11-22T08:00:00.000Z");
    assert_reads("2026-11-22T10:00:00+02", "2026-11-22T08:00:00.000Z");
    assert_reads("2026-11-22T10:00-05:30", "2026-11-22T15:30:00.000Z");
    assert_reads("2026-12-31T23:30:00.5-01:00", "2027-01-01T00:30:00.500Z");
    assert_reads("2026-11-22T10:00:00-00:00", "2026-11-22T10:00:00.000Z");
}

TEST(days_that_do_not_exist_are_refused)
{
    assert_refused("2026-02-29");
    assert_refused("2026-02-30");
    assert_refused("1900-02-29");
    assert_refused("2026-04-31T10:00Z");
    assert_refused("2026-00-10");
    assert_refused("2026-13-10");
    assert_refused("2026-01-00");
    assert_refused("2026-01-32");
    assert_reads("2024-02-29", "2024-02-29T00:00:00.000Z");
    assert_reads("2000-02-29", "2000-02-29T00:00:00.000Z");
}

TEST(hour_24_and_minute_and_second_60_are_refused)
{
    assert_refused("2026-11-22T24:00:00Z");
    assert_refused("2026-11-22T23:60:00Z");
    assert_refused("2026-11-22T23:59:60Z");
    assert_refused("2026-11-22T10:00:00+24:00");
    assert_refused("2026-11-22T10:00:00+02:60");
}

TEST(other_forms_are_refused)
{
    static const char *const texts[] = {
        "",
        "yesterday",
        "26-11-22",
        "2026-1-2",
        "2026-11-",
        "2026-",
        "20261122",
        "2026-326",
        "2026-W47",
        "22/11/2026",
        "2026-11-22T",
        "2026-11-22T10",
        "2026-11-22T10Z",
        "2026-11-22Z",
        "2026-11-22T1000",
        "2026-11-22T10:00:",
        "2026-11-22T10:00:00.",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00,5Z",
        "2026-11-22T10:00:00ZZ",
        "2026-11-22T10:00:00 Z",
        "2026-11-22t10:00:00Z",
        "2026-11-22T10:00:00z",
        "2026-11-22  10:00:00",
        " 2026-11-22",
        "2026-11-22 ",
        "2026-11T10:00",
        "2026-11-22T10:00:00+",
        "2026-11-22T10:00:00+2",
        "2026-11-22T10:00:00+02:",
        "2026-11-22T10:00:00+02:0",
        "2026-11-22T10:00:00+020",
        "2026-11-22T10:00:00+02000",
        "+002026-11-22T10:00Z",
        "1795428000000",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_refused(texts[i]);
    int64_t ms;
    assert_false(iso8601_parse(slice_of(NULL), &ms));
    assert_false(iso8601_parse(slice_make("2026-11-22\0", 11), &ms));
}

TEST(every_prefix_of_a_timestamp_is_read_within_its_bounds)
{
    static const char text[] = "2026-11-22T10:05:06.789+02:00";
    int accepted = 0;
    for (size_t len = 0; len < sizeof text; len++) {
        int64_t ms;
        char *copy = malloc(len + 1); /* so that a sanitizer sees a step too far */
        memcpy(copy, text, len);
        char *exact = realloc(copy, len ? len : 1);
        accepted += iso8601_parse(slice_make(exact, len), &ms);
        free(exact);
    }
    /* year, month, day, minute, second, three fractions, +hh, +hh:mm */
    assert_int_equal(accepted, 10);
}

TEST(years_0000_to_9999_are_shown_and_no_others)
{
    assert_reads("0000-01-01", "0000-01-01T00:00:00.000Z");
    assert_reads("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z");
    assert_refused("0000-01-01T00:00:00+00:01");
    assert_refused("9999-12-31T23:59:59-00:01");
}

TEST(each_day_of_400_years_agrees_with_the_c_library)
{
    for (int64_t day = -146097 / 2; day < 146097 / 2; day++) {
        time_t seconds = (time_t)(day * 86400 + 86399);
        struct tm parts;
        char expected[32], shown[ISO8601_LEN];
        gmtime_r(&seconds, &parts);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.999Z", &parts);
        iso8601_format((int64_t)seconds * 1000 + 999, shown);
        assert_memory_equal(shown, expected, ISO8601_LEN);
        int64_t ms;
        assert_true(iso8601_parse(slice_make(shown, ISO8601_LEN), &ms));
        assert_int_equal(ms, (int64_t)seconds * 1000 + 999);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_alone_are_midnight_utc),
        cmocka_unit_test(times_are_read_to_the_millisecond_and_cut_beyond),
        cmocka_unit_test(offsets_are_taken_off),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(hour_24_and_minute_and_second_60_are_refused),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(every_prefix_of_a_timestamp_is_read_within_its_bounds),
        cmocka_unit_test(years_0000_to_9999_are_shown_and_no_others),
        cmocka_unit_test(each_day_of_400_years_agrees_with_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
