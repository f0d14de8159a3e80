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
    static const char *const sources[] = {"weeks", "days", "hours", "minutes", "logs"};
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

TEST(a_ragged_range_is_cut_into_all_nine_pieces)
{
    struct stats_bounds b = between("2026-11-05T10:11:12.500Z", "2026-11-20T03:04:05.678Z");

    assert_cut(&b, "exact",
               "logs 2026-11-05T10:11:12.500Z 2026-11-05T10:12:00.000Z\n"
               "minutes 2026-11-05T10:12:00.000Z 2026-11-05T11:00:00.000Z\n"
               "hours 2026-11-05T11:00:00.000Z 2026-11-06T00:00:00.000Z\n"
               "days 2026-11-06T00:00:00.000Z 2026-11-09T00:00:00.000Z\n"
               "weeks 2026-11-09T00:00:00.000Z 2026-11-16T00:00:00.000Z\n"
               "days 2026-11-16T00:00:00.000Z 2026-11-20T00:00:00.000Z\n"
               "hours 2026-11-20T00:00:00.000Z 2026-11-20T03:00:00.000Z\n"
               "minutes 2026-11-20T03:00:00.000Z 2026-11-20T03:04:00.000Z\n"
               "logs 2026-11-20T03:04:00.000Z 2026-11-20T03:04:05.679Z\n");
}

TEST(buckets_are_no_coarser_than_wanted)
{
    struct stats_bounds b = between("2026-11-05T10:11:12.500Z", "2026-11-20T03:04:05.678Z");

    b.coarsest = FROM_DAYS;
    assert_cut(&b, "exact",
               "logs 2026-11-05T10:11:12.500Z 2026-11-05T10:12:00.000Z\n"
               "minutes 2026-11-05T10:12:00.000Z 2026-11-05T11:00:00.000Z\n"
               "hours 2026-11-05T11:00:00.000Z 2026-11-06T00:00:00.000Z\n"
               "days 2026-11-06T00:00:00.000Z 2026-11-20T00:00:00.000Z\n"
               "hours 2026-11-20T00:00:00.000Z 2026-11-20T03:00:00.000Z\n"
               "minutes 2026-11-20T03:00:00.000Z 2026-11-20T03:04:00.000Z\n"
               "logs 2026-11-20T03:04:00.000Z 2026-11-20T03:04:05.679Z\n");
    b.coarsest = FROM_MINUTES;
    assert_cut(&b, "exact",
               "logs 2026-11-05T10:11:12.500Z 2026-11-05T10:12:00.000Z\n"
               "minutes 2026-11-05T10:12:00.000Z 2026-11-20T03:04:00.000Z\n"
               "logs 2026-11-20T03:04:00.000Z 2026-11-20T03:04:05.679Z\n");
}

TEST(a_week_begins_on_monday)
{
    struct stats_bounds monday = between("2026-11-09", "2026-11-15T23:59:59.999Z");
    struct stats_bounds sunday = between("2026-11-08", "2026-11-14T23:59:59.999Z");
    struct stats_bounds two = between("2026-11-08", "2026-11-16T23:59:59.999Z");

    assert_cut(&monday, "exact", "weeks 2026-11-09T00:00:00.000Z 2026-11-16T00:00:00.000Z\n");
    assert_cut(&sunday, "exact", "days 2026-11-08T00:00:00.000Z 2026-11-15T00:00:00.000Z\n");
    assert_cut(&two, "exact",
               "days 2026-11-08T00:00:00.000Z 2026-11-09T00:00:00.000Z\n"
               "weeks 2026-11-09T00:00:00.000Z 2026-11-16T00:00:00.000Z\n"
               "days 2026-11-16T00:00:00.000Z 2026-11-17T00:00:00.000Z\n");
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
               "days 1970-01-01T00:00:00.000Z 1970-01-05T00:00:00.000Z\n"
               "weeks 1970-01-05T00:00:00.000Z 2026-11-23T00:00:00.000Z\n"
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
    struct stats_bounds week = between("1969-12-22", "1969-12-28T23:59:59.999Z");

    assert_cut(&b, "exact", "days 1969-12-30T00:00:00.000Z 1970-01-01T00:00:00.000Z\n");
    assert_cut(&week, "exact", "weeks 1969-12-22T00:00:00.000Z 1969-12-29T00:00:00.000Z\n");
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
               "days 2025-01-01T00:00:00.000Z 2025-01-06T00:00:00.000Z\n"
               "weeks 2025-01-06T00:00:00.000Z 2026-11-16T00:00:00.000Z\n"
               "days 2026-11-16T00:00:00.000Z 2026-11-20T00:00:00.000Z\n"
               "logs 2026-11-20T00:00:00.000Z 2026-11-20T00:00:00.501Z\n");
}

TEST(an_old_range_of_whole_hours_or_days_is_exact)
{
    struct stats_bounds hours = between("2026-03-01T10:00:00Z", "2026-03-01T11:59:59.999Z");
    struct stats_bounds days = between("2020-01-01", "2020-12-31T23:59:59.999Z");

    assert_cut(&hours, "exact", "hours 2026-03-01T10:00:00.000Z 2026-03-01T12:00:00.000Z\n");
    assert_cut(&days, "exact",
               "days 2020-01-01T00:00:00.000Z 2020-01-06T00:00:00.000Z\n"
               "weeks 2020-01-06T00:00:00.000Z 2020-12-28T00:00:00.000Z\n"
               "days 2020-12-28T00:00:00.000Z 2021-01-01T00:00:00.000Z\n");
}

TEST(logs_that_are_kept_for_less_than_minutes_make_the_answer_coarse_by_a_minute)
{
    struct stats_bounds b = between("2026-11-01T10:00:30Z", "2026-11-01T10:01:30Z");

    b.log_retention_days = 7;
    assert_cut(&b, "minute", "minutes 2026-11-01T10:00:00.000Z 2026-11-01T10:02:00.000Z\n");
}

/* Whole buckets, one piece after the other, from the range's start to its end. */
static void assert_covers(const struct stats_cut *cut, const struct stats_bounds *b)
{
    int64_t at_ms = b->start_ms;

    assert_true(cut->count >= 1 && cut->count <= STATS_PIECES_MAX);
    for (size_t i = 0; i < cut->count; i++) {
        const struct stats_piece *piece = &cut->pieces[i];

        assert_int_equal(piece->from_ms, at_ms);
        assert_true(piece->from_ms < piece->to_ms);
        assert_true(piece->source >= b->coarsest);
        assert_int_equal(stats_source_start(piece->source, piece->from_ms), piece->from_ms);
        assert_int_equal(stats_source_start(piece->source, piece->to_ms), piece->to_ms);
        assert_true(piece->source != FROM_LOGS || piece->to_ms - piece->from_ms < 120000);
        at_ms = piece->to_ms;
    }
    assert_int_equal(at_ms, b->end_ms + 1);
}

TEST(the_pieces_of_any_range_cover_it_once_and_in_order)
{
    srand(7);
    for (int round = 0; round < 100000; round++) {
        int64_t now = at(NOW), start = now - (int64_t)rand() % 7000000000;
        struct stats_bounds b = {.start_ms = start,
                                 .end_ms = start + (int64_t)rand() % (now - start + 1),
                                 .now_ms = now,
                                 .log_retention_days = 90,
                                 .coarsest = (enum stats_source)(rand() % FROM_LOGS)};
        struct stats_cut cut;

        if (round % 3 == 0)
            b.end_ms = b.start_ms + rand() % 200000;
        stats_cut(&b, &cut);
        assert_int_equal(cut.resolution, RESOLUTION_EXACT);
        assert_covers(&cut, &b);
    }
}

TEST(a_bucket_reaches_from_its_start_to_the_next_ones)
{
    static const struct {
        enum stats_source source;
        const char *start, *end;
    } cases[] = {
        {FROM_WEEKS, "2026-11-23", "2026-11-30"},
        {FROM_DAYS, "2026-11-23", "2026-11-24"},
        {FROM_HOURS, "2026-11-23T15:00:00Z", "2026-11-23T16:00:00Z"},
        {FROM_MINUTES, "2026-11-23T15:04:00Z", "2026-11-23T15:05:00Z"},
        {FROM_LOGS, "2026-11-23T15:04:05.678Z", "2026-11-23T15:04:05.679Z"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t start = at(cases[i].start), end = at(cases[i].end);

        assert_int_equal(stats_source_start(cases[i].source, at(NOW)), start);
        assert_int_equal(stats_source_end(cases[i].source, at(NOW)), end);
        assert_int_equal(stats_source_start(cases[i].source, start), start);
        assert_int_equal(stats_source_end(cases[i].source, end - 1), end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ragged_range_is_cut_into_all_nine_pieces),
        cmocka_unit_test(buckets_are_no_coarser_than_wanted),
        cmocka_unit_test(a_week_begins_on_monday),
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
        cmocka_unit_test(a_bucket_reaches_from_its_start_to_the_next_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
