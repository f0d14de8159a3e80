/* SPDX-License-Identifier: MIT */
#include "processor/refusals.h"

#include "tests/unit/test.h"

TEST(nothing_is_refused_at_first)
{
    AUTO(refusals) r = refusals_new(2);

    assert_false(refusals_pending(r));
    assert_int_equal(refusals_of(r, 0, 0), REFUSED_NEVER);
}

TEST(a_refusal_among_many_only_asks_for_care)
{
    AUTO(refusals) r = refusals_new(2);

    refusals_note(r, 1, 50, false, false);
    assert_true(refusals_pending(r));
    assert_int_equal(refusals_of(r, 1, 50), REFUSED_NEVER);
}

TEST(the_one_refused_alone_is_treated_more_harshly_each_time)
{
    AUTO(refusals) r = refusals_new(2);

    refusals_note(r, 1, 50, false, true);
    assert_int_equal(refusals_of(r, 1, 50), REFUSED_ENRICHED);
    assert_int_equal(refusals_of(r, 1, 49), REFUSED_NEVER);
    assert_int_equal(refusals_of(r, 0, 50), REFUSED_NEVER);
    refusals_note(r, 1, 50, true, true);
    assert_int_equal(refusals_of(r, 1, 50), REFUSED_DEAD_LETTER);
}

TEST(care_ends_behind_the_last_one_refused)
{
    AUTO(refusals) r = refusals_new(2);

    refusals_note(r, 0, 50, false, false);
    refusals_note(r, 0, 40, false, true);
    refusals_passed(r, 0, 50);
    assert_true(refusals_pending(r));
    refusals_passed(r, 0, 51);
    assert_false(refusals_pending(r));
    assert_int_equal(refusals_of(r, 0, 40), REFUSED_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_refused_at_first),
        cmocka_unit_test(a_refusal_among_many_only_asks_for_care),
        cmocka_unit_test(the_one_refused_alone_is_treated_more_harshly_each_time),
        cmocka_unit_test(care_ends_behind_the_last_one_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
