/* SPDX-License-Identifier: MIT */
#include "gateway/export_slots.h"

#include "tests/unit/test.h"

TEST(one_tenant_leaves_room_for_another)
{
    struct export_slots s = {0};
    for (int i = 0; i < EXPORTS_OF_TENANT_MAX; i++)
        assert_true(export_slots_take(&s, slice_of("greedy")));
    assert_false(export_slots_take(&s, slice_of("greedy")));
    assert_true(export_slots_take(&s, slice_of("other")));
    assert_int_equal(export_slots_taken(&s), EXPORTS_MAX);
    assert_false(export_slots_take(&s, slice_of("third")));
}

TEST(what_is_given_back_is_free_for_all)
{
    struct export_slots s = {0};
    assert_int_equal(export_slots_taken(&s), 0);
    assert_true(export_slots_take(&s, slice_of("a")));
    assert_true(export_slots_take(&s, slice_of("b")));
    export_slots_give(&s, slice_of("a"));
    assert_int_equal(export_slots_taken(&s), 1);
    for (int i = 0; i < EXPORTS_OF_TENANT_MAX; i++)
        assert_true(export_slots_take(&s, slice_of("c")));
    assert_false(export_slots_take(&s, slice_of("b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_tenant_leaves_room_for_another),
        cmocka_unit_test(what_is_given_back_is_free_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
