/* SPDX-License-Identifier: MIT */
#include "gateway/stats_groups.h"

#include "tests/unit/test.h"

#include <stdio.h>

static void add(struct stats_groups *g, const char *service, const char *action,
                enum severity severity, uint64_t n)
{
    const struct stats_key key = {
        .names = {[BY_SERVICE] = slice_of(service), [BY_ACTION] = slice_of(action)}};

    stats_groups_add(g, &key, severity, n);
}

TEST(counts_of_the_same_service_and_action_add_up)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    add(g, "s", "a", SEVERITY_INFO, 2);
    add(g, "s", "a", SEVERITY_INFO, 3);
    add(g, "s", "a", SEVERITY_CRITICAL, 1);
    assert_int_equal(stats_groups_top(g, 100, &top), 1);
    assert_int_equal(top[0].count, 6);
    assert_int_equal(top[0].severity[SEVERITY_INFO], 5);
    assert_int_equal(top[0].severity[SEVERITY_WARN], 0);
    assert_int_equal(top[0].severity[SEVERITY_CRITICAL], 1);
}

TEST(a_separator_in_a_name_does_not_mix_groups)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    add(g, "a", "bc", SEVERITY_INFO, 1);
    add(g, "ab", "c", SEVERITY_INFO, 1);
    add(g, "a|b", "c", SEVERITY_INFO, 1);
    assert_int_equal(stats_groups_top(g, 100, &top), 3);
}

TEST(nothing_counted_is_no_group)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    assert_int_equal(stats_groups_top(g, 100, &top), 0);
    AUTO(stats_groups) zero = stats_groups_new();
    add(zero, "s", "a", SEVERITY_INFO, 0);
    assert_int_equal(stats_groups_top(zero, 100, &top), 0);
}

TEST(the_highest_come_first_and_ties_by_name)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    add(g, "b", "a", SEVERITY_INFO, 5);
    add(g, "a", "b", SEVERITY_INFO, 5);
    add(g, "a", "a", SEVERITY_INFO, 5);
    add(g, "a", "aa", SEVERITY_INFO, 5);
    add(g, "z", "z", SEVERITY_INFO, 9);
    add(g, "c", "c", SEVERITY_INFO, 1);
    assert_int_equal(stats_groups_top(g, 5, &top), 5);
    assert_true(slice_is(top[0].key.names[BY_SERVICE], "z"));
    assert_true(slice_is(top[1].key.names[BY_SERVICE], "a") &&
                slice_is(top[1].key.names[BY_ACTION], "a"));
    assert_true(slice_is(top[2].key.names[BY_SERVICE], "a") &&
                slice_is(top[2].key.names[BY_ACTION], "aa"));
    assert_true(slice_is(top[3].key.names[BY_SERVICE], "a") &&
                slice_is(top[3].key.names[BY_ACTION], "b"));
    assert_true(slice_is(top[4].key.names[BY_SERVICE], "b"));
}

TEST(points_in_time_and_absent_names_are_told_apart_earliest_first)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;
    struct stats_key key = {.point = 1};

    stats_groups_add(g, &key, SEVERITY_INFO, 9);
    key.point = 0;
    stats_groups_add(g, &key, SEVERITY_INFO, 1);
    key.names[BY_SEVERITY] = slice_of("error");
    stats_groups_add(g, &key, SEVERITY_ERROR, 2);
    key.names[BY_SEVERITY] = (struct slice){NULL, 0};
    key.names[BY_OUTCOME] = slice_of("error");
    stats_groups_add(g, &key, SEVERITY_ERROR, 3);
    assert_int_equal(stats_groups_top(g, 10, &top), 4);
    assert_true(slice_is(top[0].key.names[BY_OUTCOME], "error"));
    assert_true(slice_is(top[1].key.names[BY_SEVERITY], "error"));
    assert_null(top[2].key.names[BY_OUTCOME].data);
    assert_int_equal(top[3].key.point, 1);
}

TEST(a_hundred_thousand_groups_are_kept_apart)
{
    enum { GROUPS = 100000 };
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;
    uint64_t sum = 0;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < GROUPS; i++) {
            char action[32];
            snprintf(action, sizeof action, "action-%d", i);
            add(g, "s", action, SEVERITY_WARN, (uint64_t)i + 1);
        }
    assert_false(stats_groups_overflowed(g));
    assert_int_equal(stats_groups_top(g, SIZE_MAX, &top), GROUPS);
    for (int i = 0; i < GROUPS; i++)
        sum += top[i].severity[SEVERITY_WARN];
    assert_int_equal(sum, (uint64_t)GROUPS * (GROUPS + 1));
    assert_int_equal(top[0].count, 2 * GROUPS);
}

TEST(past_the_bound_it_says_so_and_the_known_ones_still_count)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    for (int i = 0; i < STATS_GROUPS_MAX; i++) {
        char action[32];
        snprintf(action, sizeof action, "%d", i);
        add(g, "s", action, SEVERITY_INFO, 1);
    }
    assert_false(stats_groups_overflowed(g));
    add(g, "s", "0", SEVERITY_INFO, 1);
    assert_false(stats_groups_overflowed(g));
    add(g, "s", "one more", SEVERITY_INFO, 1);
    assert_true(stats_groups_overflowed(g));
    assert_int_equal(stats_groups_top(g, 1, &top), 1);
    assert_true(slice_is(top[0].key.names[BY_ACTION], "0"));
    assert_int_equal(top[0].count, 2);
}

TEST(what_is_cleared_is_as_if_it_were_new)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;
    char action[16];

    for (int i = 0; i <= STATS_GROUPS_MAX; i++) {
        snprintf(action, sizeof action, "a%d", i);
        add(g, "s", action, SEVERITY_INFO, 2);
    }
    assert_true(stats_groups_overflowed(g));
    stats_groups_clear(g);
    assert_false(stats_groups_overflowed(g));
    add(g, "s", "a1", SEVERITY_WARN, 1);
    assert_int_equal(stats_groups_top(g, 100, &top), 1);
    assert_int_equal(top[0].count, 1);
    assert_int_equal(top[0].severity[SEVERITY_INFO], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_the_same_service_and_action_add_up),
        cmocka_unit_test(a_separator_in_a_name_does_not_mix_groups),
        cmocka_unit_test(nothing_counted_is_no_group),
        cmocka_unit_test(the_highest_come_first_and_ties_by_name),
        cmocka_unit_test(points_in_time_and_absent_names_are_told_apart_earliest_first),
        cmocka_unit_test(a_hundred_thousand_groups_are_kept_apart),
        cmocka_unit_test(past_the_bound_it_says_so_and_the_known_ones_still_count),
        cmocka_unit_test(what_is_cleared_is_as_if_it_were_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
