/* SPDX-License-Identifier: MIT */
#include "gateway/stats_recent.h"

#include "common/iso8601.h"
#include "tests/unit/test.h"

static int64_t at(const char *text)
{
    int64_t ms;
    assert_true(iso8601_parse(slice_of(text), &ms));
    return ms;
}

static struct stats_bounds between(const char *start, const char *end)
{
    return (struct stats_bounds){
        .start_ms = at(start), .end_ms = at(end), .now_ms = at("2026-11-24T10:20:30Z")};
}

TEST(without_a_start_it_is_today_and_the_six_days_before)
{
    struct stats_query q = {0};
    struct stats_span days;
    struct stats_bounds b = stats_recent_bounds(&q, at("2026-11-24T10:20:30Z"), 90);

    assert_int_equal(b.start_ms, at("2026-11-18"));
    assert_int_equal(q.s.start_ms, at("2026-11-18"));
    assert_int_equal(q.s.end_ms, at("2026-11-24T10:20:30Z"));
    assert_true(stats_recent_days(&b, &days));
    assert_int_equal(days.from_ms, at("2026-11-18"));
    assert_int_equal(days.to_ms, at("2026-11-25"));
}

TEST(only_whole_days_that_are_kept_are_days)
{
    struct stats_bounds whole = between("2026-11-18", "2026-11-18T23:59:59.999Z");
    struct stats_bounds begun = between("2026-11-18T00:00:00.001Z", "2026-11-18T23:59:59.999Z");
    struct stats_bounds cut = between("2026-11-18", "2026-11-18T23:59:59.998Z");
    struct stats_bounds old = between("2026-11-17", "2026-11-18T23:59:59.999Z");
    struct stats_span days;

    assert_true(stats_recent_days(&whole, &days));
    assert_int_equal(days.to_ms, at("2026-11-19"));
    assert_false(stats_recent_days(&begun, &days));
    assert_false(stats_recent_days(&cut, &days));
    assert_false(stats_recent_days(&old, &days));
}

TEST(hours_hold_the_range_and_are_kept)
{
    struct stats_bounds ragged = between("2026-11-20T10:59Z", "2026-11-20T12:00Z");
    struct stats_bounds old = between("2026-11-17T10:00Z", "2026-11-20T12:00Z");
    struct stats_bounds kept = between("2026-11-17T11:00Z", "2026-11-20T12:00Z");
    struct stats_bounds none = between("2026-11-20", "2026-11-19");
    struct stats_bounds far = between("2026-11-20", "9999-12-31");
    struct stats_span hours;

    assert_true(stats_recent_hours(&ragged, &hours));
    assert_int_equal(hours.from_ms, at("2026-11-20T10:00Z"));
    assert_int_equal(hours.to_ms, at("2026-11-20T13:00Z"));
    assert_false(stats_recent_hours(&old, &hours));
    assert_true(stats_recent_hours(&kept, &hours));
    assert_true(stats_recent_hours(&none, &hours));
    assert_int_equal(hours.from_ms, hours.to_ms);
    assert_false(stats_recent_hours(&far, &hours));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_start_it_is_today_and_the_six_days_before),
        cmocka_unit_test(only_whole_days_that_are_kept_are_days),
        cmocka_unit_test(hours_hold_the_range_and_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
