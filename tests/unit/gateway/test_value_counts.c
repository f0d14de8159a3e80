/* SPDX-License-Identifier: MIT */
#include "gateway/value_counts.h"

#include "common/buf.h"
#include "tests/unit/test.h"

TEST(counts_add_up_by_value_and_slot)
{
    AUTO(value_counts) c = value_counts_new(3, 10);
    const struct value_count *values;

    value_counts_add(c, slice_of("a"), 0, 2);
    value_counts_add(c, slice_of("b"), 2, 1);
    value_counts_add(c, slice_of("a"), 2, 3);
    value_counts_add(c, slice_of("c"), 1, 0);
    assert_int_equal(value_counts_sort(c, &values), 2);
    assert_true(slice_is(values[0].value, "a"));
    assert_int_equal(values[0].total, 5);
    assert_int_equal(values[0].slots[0], 2);
    assert_int_equal(values[0].slots[1], 0);
    assert_int_equal(values[0].slots[2], 3);
    assert_true(slice_is(values[1].value, "b"));
}

TEST(equal_counts_come_by_value)
{
    AUTO(value_counts) c = value_counts_new(1, 10);
    const struct value_count *values;

    value_counts_add(c, slice_of("b"), 0, 1);
    value_counts_add(c, slice_of("ab"), 0, 1);
    value_counts_add(c, slice_of("a"), 0, 1);
    value_counts_add(c, slice_of(""), 0, 1);
    assert_int_equal(value_counts_sort(c, &values), 4);
    assert_true(slice_is(values[0].value, ""));
    assert_true(slice_is(values[1].value, "a"));
    assert_true(slice_is(values[2].value, "ab"));
    assert_true(slice_is(values[3].value, "b"));
}

TEST(thousands_of_values_are_kept_apart)
{
    AUTO(value_counts) c = value_counts_new(2, 5000);
    const struct value_count *values;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            AUTO_BUF name = {0};
            buf_printf(&name, "value %d", i);
            value_counts_add(c, buf_slice(&name), (size_t)round, (uint64_t)i + 1);
        }
    }
    assert_false(value_counts_overflowed(c));
    assert_int_equal(value_counts_sort(c, &values), 5000);
    assert_true(slice_is(values[0].value, "value 4999"));
    assert_int_equal(values[0].total, 10000);
    assert_int_equal(values[4999].slots[1], 1);
}

TEST(values_past_the_limit_are_not_kept_and_it_says_so)
{
    AUTO(value_counts) c = value_counts_new(1, 2);
    const struct value_count *values;

    value_counts_add(c, slice_of("a"), 0, 1);
    value_counts_add(c, slice_of("b"), 0, 1);
    value_counts_add(c, slice_of("a"), 0, 1);
    assert_false(value_counts_overflowed(c));
    value_counts_add(c, slice_of("c"), 0, 1);
    assert_true(value_counts_overflowed(c));
    assert_int_equal(value_counts_sort(c, &values), 2);
}

TEST(what_is_cleared_is_as_if_it_were_new)
{
    AUTO(value_counts) c = value_counts_new(2, 1);
    const struct value_count *values;

    value_counts_add(c, slice_of("a"), 0, 1);
    value_counts_add(c, slice_of("b"), 1, 1);
    assert_true(value_counts_overflowed(c));
    value_counts_clear(c);
    assert_false(value_counts_overflowed(c));
    value_counts_add(c, slice_of("a"), 1, 2);
    assert_int_equal(value_counts_sort(c, &values), 1);
    assert_int_equal(values[0].total, 2);
    assert_int_equal(values[0].slots[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_add_up_by_value_and_slot),
        cmocka_unit_test(equal_counts_come_by_value),
        cmocka_unit_test(thousands_of_values_are_kept_apart),
        cmocka_unit_test(values_past_the_limit_are_not_kept_and_it_says_so),
        cmocka_unit_test(what_is_cleared_is_as_if_it_were_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
