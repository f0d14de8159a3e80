/* SPDX-License-Identifier: MIT */
#include "processor/refusals.h"

#include "tests/unit/test.h"

TEST(nothing_is_refused_at_first)
{
    AUTO(refusals) r = refusals_new(2);

    assert_true(refusals_most(r) == SIZE_MAX);
    assert_int_equal(refusals_of(r, 0, 0), REFUSED_NEVER);
}

TEST(a_refusal_among_many_only_asks_for_care)
{
    AUTO(refusals) r = refusals_new(2);

    refusals_note(r, 1, 50, false, 50000);
    assert_int_equal(refusals_most(r), 50000 / 16);
    assert_int_equal(refusals_of(r, 1, 50), REFUSED_NEVER);
}

TEST(the_one_refused_alone_is_treated_more_harshly_each_time)
{
    AUTO(refusals) r = refusals_new(2);

    refusals_note(r, 1, 50, false, 1);
    assert_int_equal(refusals_of(r, 1, 50), REFUSED_ENRICHED);
    assert_int_equal(refusals_of(r, 1, 49), REFUSED_NEVER);
    assert_int_equal(refusals_of(r, 0, 50), REFUSED_NEVER);
    refusals_note(r, 1, 50, true, 1);
    assert_int_equal(refusals_of(r, 1, 50), REFUSED_DEAD_LETTER);
}

TEST(care_ends_behind_the_last_one_refused)
{
    AUTO(refusals) r = refusals_new(2);

    refusals_note(r, 0, 50, false, 5000);
    refusals_note(r, 0, 40, false, 1);
    refusals_passed(r, 0, 50);
    assert_true(refusals_most(r) < SIZE_MAX);
    refusals_passed(r, 0, 51);
    assert_true(refusals_most(r) == SIZE_MAX);
    assert_int_equal(refusals_of(r, 0, 40), REFUSED_NEVER);
}

TEST(transactions_shrink_to_one_record_and_grow_again_with_each_that_goes_through)
{
    AUTO(refusals) r = refusals_new(1);

    for (size_t records = 50000; records > 1; records = refusals_most(r))
        refusals_note(r, 0, 50, false, records);
    assert_int_equal(refusals_most(r), 1);
    refusals_note(r, 0, 50, false, 1);
    refusals_widen(r);
    refusals_widen(r);
    assert_int_equal(refusals_most(r), 4);
    assert_int_equal(refusals_of(r, 0, 50), REFUSED_ENRICHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_refused_at_first),
        cmocka_unit_test(a_refusal_among_many_only_asks_for_care),
        cmocka_unit_test(the_one_refused_alone_is_treated_more_harshly_each_time),
        cmocka_unit_test(care_ends_behind_the_last_one_refused),
        cmocka_unit_test(
            transactions_shrink_to_one_record_and_grow_again_with_each_that_goes_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
