/* SPDX-License-Identifier: MIT */
#include "gateway/caught_up.h"

#include "tests/unit/test.h"

/* One partition: 50 raw records, 70 stats records, all read. */
static struct pipeline_view all_read(void)
{
    struct pipeline_view v;

    pipeline_view_init(&v, 1);
    v.end[TOPIC_RAW][0] = v.next[STAGE_PROCESSOR][0] = 50;
    v.end[TOPIC_STATS][0] = v.next[STAGE_INDEXER_STATS][0] = 70;
    return v;
}

TEST(a_partition_read_to_both_ends_is_counted)
{
    struct pipeline_view v = all_read();

    assert_true(caught_up_is(&v, 0));
    pipeline_view_done(&v);
}

TEST(a_partition_with_anything_before_either_stage_is_not)
{
    struct pipeline_view v = all_read();

    v.next[STAGE_PROCESSOR][0] = 49;
    assert_false(caught_up_is(&v, 0));
    v.next[STAGE_PROCESSOR][0] = 50;
    v.next[STAGE_INDEXER_STATS][0] = 69;
    assert_false(caught_up_is(&v, 0));
    v.next[STAGE_INDEXER_STATS][0] = PIPELINE_NONE;
    assert_false(caught_up_is(&v, 0));
    pipeline_view_done(&v);
}

TEST(what_is_not_known_proves_nothing)
{
    struct pipeline_view v = all_read();

    v.end[TOPIC_RAW][0] = PIPELINE_UNKNOWN;
    assert_false(caught_up_is(&v, 0));
    v.end[TOPIC_RAW][0] = 50;
    v.next[STAGE_PROCESSOR][0] = PIPELINE_UNKNOWN;
    assert_false(caught_up_is(&v, 0));
    pipeline_view_done(&v);
}

TEST(a_partition_that_never_got_anything_is_counted)
{
    struct pipeline_view v = all_read();

    v.end[TOPIC_RAW][0] = v.end[TOPIC_STATS][0] = 0;
    v.next[STAGE_PROCESSOR][0] = v.next[STAGE_INDEXER_STATS][0] = PIPELINE_NONE;
    assert_true(caught_up_is(&v, 0));
    pipeline_view_done(&v);
}

TEST(all_partitions_are_counted_since_the_least_of_them)
{
    const int64_t known[] = {30, 20, 40}, one_unknown[] = {30, 0, 40};

    assert_int_equal(caught_up_least(known, 3), 20);
    assert_int_equal(caught_up_least(one_unknown, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_partition_read_to_both_ends_is_counted),
        cmocka_unit_test(a_partition_with_anything_before_either_stage_is_not),
        cmocka_unit_test(what_is_not_known_proves_nothing),
        cmocka_unit_test(a_partition_that_never_got_anything_is_counted),
        cmocka_unit_test(all_partitions_are_counted_since_the_least_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
