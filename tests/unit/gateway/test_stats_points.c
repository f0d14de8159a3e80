/* SPDX-License-Identifier: MIT */
#include "gateway/stats_points.h"

#include "common/buf.h"
#include "common/iso8601.h"
#include "tests/unit/test.h"

static int64_t at(const char *text)
{
    int64_t ms;
    assert_true(iso8601_parse(slice_of(text), &ms));
    return ms;
}

static void make(struct stats_points *p, const char *name, enum window interval, const char *from,
                 const char *to)
{
    struct zone *found = NULL;
    struct err err;

    assert_int_equal(zone_load(slice_of(name), &found, &err), OK);
    AUTO(zone) zone = found;
    assert_int_equal(stats_points_make(p, zone, interval, at(from), at(to)), OK);
}

static void assert_points(const char *name, enum window interval, const char *from, const char *to,
                          const char *expected)
{
    static const char *const sources[] = {"weeks", "days", "hours", "minutes", "logs"};
    struct stats_points p;
    AUTO_BUF shown = {0};

    make(&p, name, interval, from, to);
    buf_add_text(&shown, sources[p.source]);
    for (size_t i = 0; p.count > 0 && i <= p.count; i++) {
        char text[ISO8601_LEN];
        iso8601_format(p.edges[i], text);
        buf_printf(&shown, " %.*s", 16, text);
    }
    assert_string_equal(buf_text(&shown), expected);
    stats_points_done(&p);
}

TEST(days_in_utc_come_from_days)
{
    assert_points("UTC", WINDOW_DAY, "2026-01-01T12:00Z", "2026-01-03",
                  "days 2026-01-01T00:00 2026-01-02T00:00 2026-01-03T00:00");
}

TEST(days_of_berlin_come_from_hours_and_are_as_long_as_the_clocks_make_them)
{
    assert_points("Europe/Berlin", WINDOW_DAY, "2026-03-28T12:00Z", "2026-03-30T00:00Z",
                  "hours 2026-03-27T23:00 2026-03-28T23:00 2026-03-29T22:00 2026-03-30T22:00");
    assert_points("Europe/Berlin", WINDOW_DAY, "2026-10-24T22:00Z", "2026-10-26T00:00Z",
                  "hours 2026-10-24T22:00 2026-10-25T23:00 2026-10-26T23:00");
}

TEST(days_and_hours_of_india_come_from_minutes)
{
    assert_points("Asia/Kolkata", WINDOW_DAY, "2026-01-01T00:00Z", "2026-01-01T12:00Z",
                  "minutes 2025-12-31T18:30 2026-01-01T18:30");
    assert_points("Asia/Kolkata", WINDOW_HOUR, "2026-01-01T00:00Z", "2026-01-01T01:00Z",
                  "minutes 2025-12-31T23:30 2026-01-01T00:30 2026-01-01T01:30");
}

TEST(hours_begin_at_a_change_of_half_an_hour_too)
{
    assert_points("Australia/Lord_Howe", WINDOW_HOUR, "2026-10-03T15:45Z", "2026-10-03T16:30Z",
                  "minutes 2026-10-03T15:30 2026-10-03T16:00 2026-10-03T17:00");
}

TEST(minutes_are_those_of_every_zone)
{
    assert_points("Asia/Kathmandu", WINDOW_MINUTE, "2026-01-01T00:00:59Z", "2026-01-01T00:01:01Z",
                  "minutes 2026-01-01T00:00 2026-01-01T00:01 2026-01-01T00:02");
}

TEST(times_of_before_the_zones_had_full_minutes_fit_no_buckets)
{
    struct stats_points p;

    make(&p, "Europe/Amsterdam", WINDOW_DAY, "1890-01-01", "1890-01-02");
    assert_int_equal(p.source, FROM_LOGS);
    stats_points_done(&p);
}

TEST(an_empty_range_has_no_points)
{
    assert_points("UTC", WINDOW_DAY, "2026-01-02", "2026-01-01", "weeks");
    assert_points("UTC", WINDOW_DAY, "2026-01-01", "2026-01-01", "weeks");
}

TEST(more_points_than_the_bound_are_refused)
{
    struct zone *found = NULL;
    struct stats_points p;
    struct err err;
    int64_t from = at("2026-01-01");

    assert_int_equal(zone_load(slice_of("UTC"), &found, &err), OK);
    AUTO(zone) zone = found;
    assert_int_equal(
        stats_points_make(&p, zone, WINDOW_MINUTE, from, from + STATS_POINTS_MAX * 60000LL), OK);
    assert_int_equal(p.count, STATS_POINTS_MAX);
    stats_points_done(&p);
    assert_int_equal(
        stats_points_make(&p, zone, WINDOW_MINUTE, from, from + STATS_POINTS_MAX * 60000LL + 1),
        REJECT);
}

TEST(a_moment_is_found_in_its_point)
{
    int64_t edges[] = {10, 20, 35, 40};
    const struct stats_points p = {.edges = edges, .count = 3};

    assert_int_equal(stats_points_find(&p, 5), 0);
    assert_int_equal(stats_points_find(&p, 10), 0);
    assert_int_equal(stats_points_find(&p, 19), 0);
    assert_int_equal(stats_points_find(&p, 20), 1);
    assert_int_equal(stats_points_find(&p, 34), 1);
    assert_int_equal(stats_points_find(&p, 39), 2);
    assert_int_equal(stats_points_find(&p, 99), 2);
}

/* Every hour of 40 years in zones with a troubled past: each moment lies in its own day's point. */
TEST(the_points_of_every_day_hold_its_hours_in_every_zone)
{
    static const char *const names[] = {"America/Sao_Paulo", "Africa/Cairo",    "Asia/Beirut",
                                        "Pacific/Apia",      "Asia/Tehran",     "America/St_Johns",
                                        "Africa/Casablanca", "Antarctica/Troll"};

    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        struct zone *found = NULL;
        struct stats_points p;
        struct err err;

        assert_int_equal(zone_load(slice_of(names[n]), &found, &err), OK);
        AUTO(zone) zone = found;
        assert_int_equal(
            stats_points_make(&p, zone, WINDOW_DAY, at("1995-01-01"), at("2024-01-01")), OK);
        for (size_t i = 0; i < p.count; i++) {
            int64_t start_s = p.edges[i] / 1000, last_s = p.edges[i + 1] / 1000 - 1;

            assert_in_range(last_s - start_s + 1, 22 * 3600, 26 * 3600);
            assert_int_equal((start_s + zone_offset_s(zone, start_s)) / 86400,
                             (last_s + zone_offset_s(zone, last_s)) / 86400);
        }
        stats_points_done(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_in_utc_come_from_days),
        cmocka_unit_test(days_of_berlin_come_from_hours_and_are_as_long_as_the_clocks_make_them),
        cmocka_unit_test(days_and_hours_of_india_come_from_minutes),
        cmocka_unit_test(hours_begin_at_a_change_of_half_an_hour_too),
        cmocka_unit_test(minutes_are_those_of_every_zone),
        cmocka_unit_test(times_of_before_the_zones_had_full_minutes_fit_no_buckets),
        cmocka_unit_test(an_empty_range_has_no_points),
        cmocka_unit_test(more_points_than_the_bound_are_refused),
        cmocka_unit_test(a_moment_is_found_in_its_point),
        cmocka_unit_test(the_points_of_every_day_hold_its_hours_in_every_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
