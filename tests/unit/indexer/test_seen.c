/* SPDX-License-Identifier: MIT */
#include "indexer/seen.h"

#include "tests/unit/test.h"

#include <stdio.h>

TEST(what_was_met_is_remembered_and_nothing_else)
{
    AUTO(seen) s = seen_new();

    assert_false(seen_has(s, slice_of("t1|day|a")));
    seen_add(s, slice_of("t1|day|a"));
    seen_add(s, slice_of("t1|day|a"));
    assert_true(seen_has(s, slice_of("t1|day|a")));
    assert_false(seen_has(s, slice_of("t1|day|b")));
    assert_false(seen_has(s, slice_of("")));
}

TEST(of_many_the_latest_are_known_and_most_of_the_others)
{
    AUTO(seen) s = seen_new();
    char id[32];
    size_t known = 0;

    for (int i = 0; i < 50000; i++) {
        snprintf(id, sizeof id, "t1|hour|%d", i);
        seen_add(s, slice_of(id));
        assert_true(seen_has(s, slice_of(id)));
    }
    for (int i = 0; i < 50000; i++) {
        snprintf(id, sizeof id, "t1|hour|%d", i);
        known += seen_has(s, slice_of(id));
    }
    assert_in_range(known, 35000, 49999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_met_is_remembered_and_nothing_else),
        cmocka_unit_test(of_many_the_latest_are_known_and_most_of_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
