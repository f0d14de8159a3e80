/* SPDX-License-Identifier: MIT */
#include "processor/meters.h"

#include "tests/unit/test.h"

#include <stdio.h>

TEST(an_empty_list_has_nobody)
{
    AUTO(meters) m = meters_new();
    struct stats_meta meta;

    assert_false(meters_at(m, 0, &meta));
}

TEST(each_tenant_is_counted_apart_and_its_watermark_only_rises)
{
    AUTO(meters) m = meters_new();
    struct stats_meta meta;

    meters_count(m, slice_of("a"), METER_PROCESSED, 50);
    meters_count(m, slice_of("b"), METER_REJECTED, 60);
    meters_count(m, slice_of("a"), METER_DUPLICATES, 40);
    assert_true(meters_at(m, 0, &meta));
    assert_true(slice_is(meta.tenant, "a"));
    assert_int_equal(meta.processed, 1);
    assert_int_equal(meta.duplicates, 1);
    assert_int_equal(meta.rejected, 0);
    assert_int_equal(meta.watermark_ms, 50);
    assert_true(meters_at(m, 1, &meta));
    assert_int_equal(meta.rejected, 1);
    assert_false(meters_at(m, 2, &meta));
}

TEST(many_tenants_are_all_kept_until_cleared)
{
    AUTO(meters) m = meters_new();
    struct stats_meta meta;
    char name[16];

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5000; i++) {
            snprintf(name, sizeof name, "t%d", i);
            meters_count(m, slice_of(name), METER_PROCESSED, i);
        }
    }
    for (size_t i = 0; i < 5000; i++) {
        assert_true(meters_at(m, i, &meta));
        assert_int_equal(meta.processed, 3);
    }
    assert_false(meters_at(m, 5000, &meta));
    meters_clear(m);
    assert_false(meters_at(m, 0, &meta));
    meters_count(m, slice_of("t1"), METER_PROCESSED, 1);
    assert_true(meters_at(m, 0, &meta));
    assert_int_equal(meta.processed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_list_has_nobody),
        cmocka_unit_test(each_tenant_is_counted_apart_and_its_watermark_only_rises),
        cmocka_unit_test(many_tenants_are_all_kept_until_cleared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
