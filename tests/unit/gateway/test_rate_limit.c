/* SPDX-License-Identifier: MIT */
#include "gateway/rate_limit.h"

#include "common/slice.h"
#include "tests/unit/test.h"

TEST(requests_over_the_limit_are_refused_until_the_window_ends)
{
    AUTO(rate_limit) l = rate_limit_new();
    struct slice client = slice_of("c");
    for (int i = 0; i < 3; i++) {
        struct rate_verdict v = rate_limit_take(l, client, false, 3, 1000);
        assert_true(v.allowed);
        assert_int_equal(v.remaining, 2 - i);
        assert_int_equal(v.limit, 3);
    }
    struct rate_verdict late = rate_limit_take(l, client, false, 3, 60999);
    assert_false(late.allowed);
    assert_int_equal(late.remaining, 0);
    assert_int_equal(late.reset_s, 1);
    assert_true(rate_limit_take(l, client, false, 3, 61000).allowed);
}

TEST(ingest_has_a_count_of_its_own_and_twice_the_limit)
{
    AUTO(rate_limit) l = rate_limit_new();
    struct slice client = slice_of("c");
    assert_true(rate_limit_take(l, client, false, 1, 0).allowed);
    assert_false(rate_limit_take(l, client, false, 1, 0).allowed);
    assert_true(rate_limit_take(l, client, true, 1, 0).allowed);
    assert_int_equal(rate_limit_take(l, client, true, 1, 0).limit, 2);
    assert_false(rate_limit_take(l, client, true, 1, 0).allowed);
}

TEST(one_client_does_not_use_up_the_count_of_another)
{
    AUTO(rate_limit) l = rate_limit_new();
    assert_true(rate_limit_take(l, slice_of("a"), false, 1, 0).allowed);
    assert_true(rate_limit_take(l, slice_of("b"), false, 1, 0).allowed);
    assert_false(rate_limit_take(l, slice_of("a"), false, 1, 0).allowed);
}

TEST(more_clients_than_the_table_holds_do_not_stop_anyone)
{
    AUTO(rate_limit) l = rate_limit_new();
    for (uint32_t i = 0; i < 200000; i++)
        assert_true(rate_limit_take(l, slice_make(&i, sizeof i), false, 1, i).allowed);
}

TEST(the_time_to_wait_is_told_in_whole_seconds_rounded_up)
{
    AUTO(rate_limit) l = rate_limit_new();
    assert_int_equal(rate_limit_take(l, slice_of("c"), false, 5, 0).reset_s, 60);
    assert_int_equal(rate_limit_take(l, slice_of("c"), false, 5, 1).reset_s, 60);
    assert_int_equal(rate_limit_take(l, slice_of("c"), false, 5, 1000).reset_s, 59);
}

TEST(a_limit_that_falls_within_the_minute_leaves_nothing)
{
    AUTO(rate_limit) l = rate_limit_new();
    for (int i = 0; i < 5; i++)
        assert_true(rate_limit_take(l, slice_of("c"), false, 10, 0).allowed);
    struct rate_verdict v = rate_limit_take(l, slice_of("c"), false, 3, 0);
    assert_false(v.allowed);
    assert_int_equal(v.remaining, 0);
    assert_true(rate_limit_take(l, slice_of("c"), false, 10, 0).allowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_over_the_limit_are_refused_until_the_window_ends),
        cmocka_unit_test(ingest_has_a_count_of_its_own_and_twice_the_limit),
        cmocka_unit_test(one_client_does_not_use_up_the_count_of_another),
        cmocka_unit_test(more_clients_than_the_table_holds_do_not_stop_anyone),
        cmocka_unit_test(the_time_to_wait_is_told_in_whole_seconds_rounded_up),
        cmocka_unit_test(a_limit_that_falls_within_the_minute_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
