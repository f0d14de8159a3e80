/* SPDX-License-Identifier: MIT */
#include "gateway/stats_range.h"

#include "common/buf.h"
#include "common/iso8601.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t at(const char *text)
{
    int64_t ms;
    assert_true(iso8601_parse(slice_of(text), &ms));
    return ms;
}

static const char *NOW = "2026-11-23T15:04:05.678Z";

static struct stats_bounds between(const char *start, const char *end)
{
    return (struct stats_bounds){
        .start_ms = at(start), .end_ms = at(end), .now_ms = at(NOW), .log_retention_days = 90};
}

static void assert_cut(const struct stats_bounds *bounds, const char *resolution,
                       const char *expected)
{
    static const char *const sources[] = {"days", "hours", "minutes", "logs"};
    struct stats_cut cut;
    AUTO_BUF shown = {0};

    stats_cut(bounds, &cut);
    for (size_t i = 0; i < cut.count; i++) {
        char from[ISO8601_LEN], to[ISO8601_LEN];
        iso8601_format(cut.pieces[i].from_ms, from);
        iso8601_format(cut.pieces[i].to_ms, to);
        buf_printf(&shown, "%s %.*s %.*s\n", sources[cut.pieces[i].source], ISO8601_LEN, from,
                   ISO8601_LEN, to);
    }
    assert_string_equal(buf_text(&shown), expected);
    assert_string_equal(stats_resolution_name(cut.resolution), resolution);
}

TEST(a_ragged_range_is_cut_into_all_seven_pieces)
{
    struct stats_bounds b = between("2026-11-10T10:11:12.500Z", "2026-11-20T03:04:05.678Z");

    assert_cut(&b, "exact",
               "logs 2026-11-10T10:11:12.500Z 2026-11-10T10:12:00.000Z\n"
               "minutes 2026-11-10T10:12:00.000Z 2026-11-10T11:00:00.000Z\n"
               "hours 2026-11-10T11:00:00.000Z 2026-11-11T00:00:00.000Z\n"
               "days 2026-11-11T00:00:00.000Z 2026-11-20T00:00:00.000Z\n"
               "hours 2026-11-20T00:00:00.000Z 2026-11-20T03:00:00.000Z\n"
               "minutes 2026-11-20T03:00:00.000Z 2026-11-20T03:04:00.000Z\n"
               "logs 2026-11-20T03:04:00.000Z 2026-11-20T03:04:05.679Z\n");
}

TEST(the_end_itself_is_included)
{
    struct stats_bounds whole = between("2026-11-10", "2026-11-10T23:59:59.999Z");
    struct stats_bounds midnight = between("2026-11-10", "2026-11-11");
    struct stats_bounds instant = between("2026-11-10", "2026-11-10");

    assert_cut(&whole, "exact", "days 2026-11-10T00:00:00.000Z 2026-11-11T00:00:00.000Z\n");
    assert_cut(&midnight, "exact",
               "days 2026-11-10T00:00:00.000Z 2026-11-11T00:00:00.000Z\n"
               "logs 2026-11-11T00:00:00.000Z 2026-11-11T00:00:00.001Z\n");
    assert_cut(&instant, "exact", "logs 2026-11-10T00:00:00.000Z 2026-11-10T00:00:00.001Z\n");
}

TEST(the_default_range_takes_the_current_minute_whole)
{
    struct stats_bounds b = between("1970-01-01", NOW);

    b.ends_now = true;
    assert_cut(&b, "exact",
               "days 1970-01-01T00:00:00.000Z 2026-11-23T00:00:00.000Z\n"
               "hours 2026-11-23T00:00:00.000Z 2026-11-23T15:00:00.000Z\n"
               "minutes 2026-11-23T15:00:00.000Z 2026-11-23T15:05:00.000Z\n");
}

TEST(what_holds_no_whole_minute_is_counted_from_logs)
{
    struct stats_bounds within = between("2026-11-20T10:00:10Z", "2026-11-20T10:00:20Z");
    struct stats_bounds across = between("2026-11-20T10:00:30Z", "2026-11-20T10:01:30Z");

    assert_cut(&within, "exact", "logs 2026-11-20T10:00:10.000Z 2026-11-20T10:00:20.001Z\n");
    assert_cut(&across, "exact", "logs 2026-11-20T10:00:30.000Z 2026-11-20T10:01:30.001Z\n");
}

TEST(a_range_upside_down_has_no_pieces)
{
    struct stats_bounds b = between("2026-11-20T10:00:10Z", "2026-11-20T10:00:09Z");
    struct stats_bounds future = between("2027-01-01", NOW);

    future.ends_now = true;
    assert_cut(&b, "exact", "");
    assert_cut(&future, "exact", "");
}

TEST(times_before_1970_are_cut_right)
{
    struct stats_bounds b = between("1969-12-30", "1969-12-31T23:59:59.999Z");
    assert_cut(&b, "exact", "days 1969-12-30T00:00:00.000Z 1970-01-01T00:00:00.000Z\n");
}

TEST(where_minutes_have_expired_whole_hours_are_counted)
{
    struct stats_bounds b = between("2026-07-01T10:11:12Z", "2026-07-01T12:13:14Z");

    assert_cut(&b, "hour", "hours 2026-07-01T10:00:00.000Z 2026-07-01T13:00:00.000Z\n");
}

TEST(where_hours_have_expired_whole_days_are_counted)
{
    struct stats_bounds b = between("2025-01-01T10:11:12Z", "2025-01-03T01:00:00Z");

    assert_cut(&b, "day", "days 2025-01-01T00:00:00.000Z 2025-01-04T00:00:00.000Z\n");
}

TEST(only_the_old_end_is_coarse)
{
    struct stats_bounds b = between("2025-01-01T10:11:12Z", "2026-11-20T00:00:00.500Z");

    assert_cut(&b, "day",
               "days 2025-01-01T00:00:00.000Z 2026-11-20T00:00:00.000Z\n"
               "logs 2026-11-20T00:00:00.000Z 2026-11-20T00:00:00.501Z\n");
}

TEST(an_old_range_of_whole_hours_or_days_is_exact)
{
    struct stats_bounds hours = between("2026-03-01T10:00:00Z", "2026-03-01T11:59:59.999Z");
    struct stats_bounds days = between("2020-01-01", "2020-12-31T23:59:59.999Z");

    assert_cut(&hours, "exact", "hours 2026-03-01T10:00:00.000Z 2026-03-01T12:00:00.000Z\n");
    assert_cut(&days, "exact", "days 2020-01-01T00:00:00.000Z 2021-01-01T00:00:00.000Z\n");
}

TEST(logs_that_are_kept_for_less_than_minutes_make_the_answer_coarse_by_a_minute)
{
    struct stats_bounds b = between("2026-11-01T10:00:30Z", "2026-11-01T10:01:30Z");

    b.log_retention_days = 7;
    assert_cut(&b, "minute", "minutes 2026-11-01T10:00:00.000Z 2026-11-01T10:02:00.000Z\n");
}

TEST(the_pieces_of_any_range_cover_it_once_and_in_order)
{
    srand(7);
    for (int round = 0; round < 100000; round++) {
        int64_t now = at(NOW), start = now - (int64_t)rand() % 7000000000;
        struct stats_bounds b = {.start_ms = start,
                                 .end_ms = start + (int64_t)rand() % (now - start + 1),
                                 .now_ms = now,
                                 .log_retention_days = 90};
        struct stats_cut cut;
        int64_t at_ms = b.start_ms;

        if (round % 3 == 0)
            b.end_ms = b.start_ms + rand() % 200000;
        stats_cut(&b, &cut);
        assert_int_equal(cut.resolution, RESOLUTION_EXACT);
        assert_true(cut.count >= 1 && cut.count <= STATS_PIECES_MAX);
        for (size_t i = 0; i < cut.count; i++) {
            static const int64_t lengths[] = {86400000, 3600000, 60000, 1};
            int64_t length = lengths[cut.pieces[i].source];
            assert_int_equal(cut.pieces[i].from_ms, at_ms);
            assert_int_equal(cut.pieces[i].from_ms % length, 0);
            assert_int_equal(cut.pieces[i].to_ms % length, 0);
            at_ms = cut.pieces[i].to_ms;
            assert_true(cut.pieces[i].source != FROM_LOGS ||
                        cut.pieces[i].to_ms - cut.pieces[i].from_ms < 120000);
        }
        assert_int_equal(at_ms, b.end_ms + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ragged_range_is_cut_into_all_seven_pieces),
        cmocka_unit_test(the_end_itself_is_included),
        cmocka_unit_test(the_default_range_takes_the_current_minute_whole),
        cmocka_unit_test(what_holds_no_whole_minute_is_counted_from_logs),
        cmocka_unit_test(a_range_upside_down_has_no_pieces),
        cmocka_unit_test(times_before_1970_are_cut_right),
        cmocka_unit_test(where_minutes_have_expired_whole_hours_are_counted),
        cmocka_unit_test(where_hours_have_expired_whole_days_are_counted),
        cmocka_unit_test(only_the_old_end_is_coarse),
        cmocka_unit_test(an_old_range_of_whole_hours_or_days_is_exact),
        cmocka_unit_test(
            logs_that_are_kept_for_less_than_minutes_make_the_answer_coarse_by_a_minute),
        cmocka_unit_test(the_pieces_of_any_range_cover_it_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
