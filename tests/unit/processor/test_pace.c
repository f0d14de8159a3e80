/* SPDX-License-Identifier: MIT */
#include "processor/pace.h"

#include "tests/unit/test.h"

TEST(who_keeps_up_commits_within_a_tenth_of_a_second)
{
    struct pace p = {0};

    pace_look(&p, 200);
    assert_int_equal(pace_left_ms(&p, 0), 100);
    assert_int_equal(pace_left_ms(&p, 60), 40);
    assert_int_equal(pace_left_ms(&p, 100), 0);
    assert_int_equal(pace_left_ms(&p, 5000), 0);
    assert_false(pace_is_full(&p, 4999, 1000));
    assert_true(pace_is_full(&p, 5000, 1000));
}

TEST(a_backlog_is_taken_in_larger_transactions_until_it_is_gone)
{
    struct pace p = {0};

    pace_look(&p, 2000000);
    assert_int_equal(pace_left_ms(&p, 100), 400);
    assert_false(pace_is_full(&p, 49999, 1000));
    assert_true(pace_is_full(&p, 50000, 1000));
    pace_look(&p, 0);
    assert_int_equal(pace_left_ms(&p, 100), 0);
    assert_true(pace_is_full(&p, 49999, 1000));
}

TEST(bytes_are_bounded_with_and_without_a_backlog)
{
    struct pace p = {0};

    assert_true(pace_is_full(&p, 1, (size_t)16 * 1024 * 1024));
    pace_look(&p, 2000000);
    assert_true(pace_is_full(&p, 1, (size_t)16 * 1024 * 1024));
}

TEST(slow_commits_are_made_less_often_but_at_least_once_a_second)
{
    struct pace p = {.last_commit_ms = 700};

    assert_int_equal(pace_left_ms(&p, 0), 700);
    p.last_commit_ms = 60000;
    assert_int_equal(pace_left_ms(&p, 0), 1000);
    pace_look(&p, 2000000);
    assert_int_equal(pace_left_ms(&p, 0), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_keeps_up_commits_within_a_tenth_of_a_second),
        cmocka_unit_test(a_backlog_is_taken_in_larger_transactions_until_it_is_gone),
        cmocka_unit_test(bytes_are_bounded_with_and_without_a_backlog),
        cmocka_unit_test(slow_commits_are_made_less_often_but_at_least_once_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
