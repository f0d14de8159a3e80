/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/clock.h"

#include <time.h>

TEST(the_wall_clock_is_that_of_the_system)
{
    int64_t before = (int64_t)time(NULL) - 1;
    int64_t now_ms = clock_wall_ms();
    int64_t after = (int64_t)time(NULL) + 1;
    assert_in_range(now_ms, before * 1000, after * 1000);
}

TEST(the_monotonic_clock_does_not_go_back)
{
    int64_t last_us = clock_mono_us();
    for (int i = 0; i < 10000; i++) {
        int64_t now_us = clock_mono_us();
        assert_true(now_us >= last_us);
        last_us = now_us;
    }
    assert_true(clock_mono_ms() >= last_us / 1000);
}

TEST(sleeping_lasts_at_least_as_long_as_it_was_told)
{
    int64_t start_us = clock_mono_us();
    clock_sleep_ms(20);
    assert_true(clock_mono_us() - start_us >= 20000);
    clock_sleep_ms(0);
    clock_sleep_ms(-5);
}

TEST(a_back_off_stays_between_1_and_what_doubling_allows)
{
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        int64_t limit = attempt < 10 ? 10LL << attempt : 5000;
        for (int i = 0; i < 50; i++) {
            int64_t ms = clock_backoff_ms(attempt, 10, 5000);
            assert_in_range(ms, 1, limit < 5000 ? limit : 5000);
        }
    }
}

TEST(back_offs_differ_from_one_another)
{
    int64_t first = clock_backoff_ms(20, 10, 1000000);
    int same = 0;
    for (int i = 0; i < 50; i++)
        same += clock_backoff_ms(20, 10, 1000000) == first;
    assert_true(same < 10);
}

TEST(a_back_off_survives_the_largest_cap)
{
    assert_true(clock_backoff_ms(UINT32_MAX, 1, INT64_MAX) >= 1);
    assert_int_equal(clock_backoff_ms(5, 0, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wall_clock_is_that_of_the_system),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
        cmocka_unit_test(sleeping_lasts_at_least_as_long_as_it_was_told),
        cmocka_unit_test(a_back_off_stays_between_1_and_what_doubling_allows),
        cmocka_unit_test(back_offs_differ_from_one_another),
        cmocka_unit_test(a_back_off_survives_the_largest_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
