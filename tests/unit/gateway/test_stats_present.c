/* SPDX-License-Identifier: MIT */
#include "gateway/stats_present.h"

#include "common/buf.h"
#include "common/iso8601.h"
#include "tests/unit/test.h"

#include <stdlib.h>

static int64_t at(const char *text)
{
    int64_t ms;
    assert_true(iso8601_parse(slice_of(text), &ms));
    return ms;
}

/* A Wednesday. */
static const char *NOW = "2026-11-25T15:04:05.678Z";

static struct stats_bounds since(const char *start)
{
    return (struct stats_bounds){
        .start_ms = at(start), .end_ms = at(NOW), .now_ms = at(NOW), .log_retention_days = 90};
}

static bool widen(const struct stats_bounds *b, struct stats_present *ret)
{
    struct stats_cut cut;

    stats_cut(b, &cut);
    return stats_present_cut(b, &cut, ret);
}

static void assert_last(const struct stats_bounds *b, enum stats_source source, const char *from,
                        const char *to)
{
    struct stats_present present;

    assert_true(widen(b, &present));
    const struct stats_piece *last = &present.cut.pieces[present.cut.count - 1];
    assert_int_equal(last->source, source);
    assert_int_equal(last->from_ms, at(from));
    assert_int_equal(last->to_ms, at(to));
    assert_int_equal(present.from_ms, at(NOW) + 1);
    assert_int_equal(present.to_ms, at(to));
}

TEST(a_range_up_to_now_reaches_to_the_end_of_the_coarsest_bucket_that_begins_in_it)
{
    struct stats_bounds month = since("2026-10-26T08:00:00Z"), days = since("2026-11-24T00:00:00Z");
    struct stats_bounds week = since("2026-11-23"), hours = since("2026-11-25T00:00:00.001Z");
    struct stats_bounds minutes = since("2026-11-25T15:00:00.001Z");

    assert_last(&month, FROM_WEEKS, "2026-11-02", "2026-11-30");
    assert_last(&week, FROM_WEEKS, "2026-11-23", "2026-11-30");
    assert_last(&days, FROM_DAYS, "2026-11-24", "2026-11-26");
    assert_last(&hours, FROM_HOURS, "2026-11-25T01:00:00Z", "2026-11-25T16:00:00Z");
    assert_last(&minutes, FROM_MINUTES, "2026-11-25T15:01:00Z", "2026-11-25T15:05:00Z");
}

TEST(a_series_is_read_no_coarser_than_its_points)
{
    struct stats_bounds b = since("2026-10-26");

    b.coarsest = FROM_HOURS;
    assert_last(&b, FROM_HOURS, "2026-10-26", "2026-11-25T16:00:00Z");
    b.coarsest = FROM_MINUTES;
    assert_last(&b, FROM_MINUTES, "2026-10-26", "2026-11-25T15:05:00Z");
}

TEST(a_range_without_an_end_of_its_own_holds_the_running_minute)
{
    struct stats_bounds b = since("2026-10-26");
    struct stats_present present;

    b.ends_now = true;
    assert_true(widen(&b, &present));
    assert_int_equal(present.from_ms, at("2026-11-25T15:05:00Z"));
}

TEST(what_needs_no_finer_pieces_at_its_end_is_left_alone)
{
    struct stats_bounds week = since("2026-11-02"), within = since("2026-11-25T15:04:01Z");
    struct stats_bounds none = since("2026-11-26");
    struct stats_present present;

    week.end_ms = at("2026-11-30") - 1;
    assert_false(widen(&week, &present));
    assert_false(widen(&within, &present));
    assert_false(widen(&none, &present));
}

TEST(an_end_that_is_past_is_left_alone)
{
    struct stats_bounds b = since("2026-10-26");
    struct stats_present present;

    b.end_ms = b.now_ms - 60001;
    assert_false(widen(&b, &present));
    b.end_ms = b.now_ms + 86400000;
    assert_true(widen(&b, &present));
}

TEST(any_range_is_widened_by_whole_buckets_beyond_its_end_alone)
{
    srand(7);
    for (int round = 0; round < 100000; round++) {
        struct stats_bounds b = since(NOW);
        struct stats_present present;

        b.start_ms -= (int64_t)rand() * 7 % (round % 2 ? 7000000000 : 7000000);
        b.end_ms += rand() % 200000 - 60000;
        b.ends_now = round % 5 == 0;
        b.coarsest = (enum stats_source)(rand() % FROM_LOGS);
        if (b.start_ms > b.end_ms || !widen(&b, &present))
            continue;
        const struct stats_piece *first = present.cut.pieces;
        const struct stats_piece *last = &first[present.cut.count - 1];
        int64_t end_ms = b.ends_now ? stats_source_end(FROM_MINUTES, b.end_ms) : b.end_ms + 1;

        assert_int_equal(first->from_ms, b.start_ms);
        assert_int_equal(present.from_ms, end_ms);
        assert_int_equal(last->to_ms, present.to_ms);
        assert_true(last->source < FROM_LOGS && last->source >= b.coarsest);
        assert_true(stats_source_start(last->source, end_ms - 1) >= b.start_ms);
        assert_int_equal(stats_source_end(last->source, end_ms - 1), last->to_ms);
        assert_true(last->to_ms > end_ms);
        for (size_t i = 0; i + 1 < present.cut.count; i++)
            assert_true(first[i].to_ms < end_ms && first[i + 1].from_ms == first[i].to_ms);
    }
}

TEST(later_events_are_those_of_minutes_from_the_ends_own_on)
{
    struct stats_present present = {.from_ms = 120001, .to_ms = 3600000};
    bson_t filter = BSON_INITIALIZER;

    stats_present_later(&filter, slice_of("t"), &present);
    char *json = bson_as_json(&filter, NULL);
    assert_string_equal(json, "{ \"tenant\" : \"t\", \"window\" : \"minute\", \"start\" : { "
                              "\"$gte\" : { \"$date\" : 120000 }, \"$lt\" : { \"$date\" : 3600000 "
                              "} }, \"lastAt\" : { \"$gte\" : { \"$date\" : 120001 } } }");
    bson_free(json);
    bson_destroy(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_range_up_to_now_reaches_to_the_end_of_the_coarsest_bucket_that_begins_in_it),
        cmocka_unit_test(a_series_is_read_no_coarser_than_its_points),
        cmocka_unit_test(a_range_without_an_end_of_its_own_holds_the_running_minute),
        cmocka_unit_test(what_needs_no_finer_pieces_at_its_end_is_left_alone),
        cmocka_unit_test(an_end_that_is_past_is_left_alone),
        cmocka_unit_test(any_range_is_widened_by_whole_buckets_beyond_its_end_alone),
        cmocka_unit_test(later_events_are_those_of_minutes_from_the_ends_own_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
