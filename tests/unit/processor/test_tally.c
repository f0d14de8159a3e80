/* SPDX-License-Identifier: MIT */
#include "processor/tally.h"

#include "tests/unit/test.h"

#include <stdio.h>

static void add(struct tally *t, enum tally_kind kind, const char *key, const char *member,
                int64_t n)
{
    const struct tally_group group = {.kind = kind, .key = slice_of(key), .expire_ms = 7};

    tally_add(t, &group, slice_of(member), n);
}

TEST(changes_of_one_member_add_up)
{
    AUTO(tally) t = tally_new();
    struct tally_entry e;
    size_t at = 0;

    add(t, TALLY_HASH, "k", "count", 2);
    add(t, TALLY_HASH, "k", "count", 3);
    add(t, TALLY_HASH, "k", "info", 1);
    assert_int_equal(tally_groups(t), 1);
    assert_int_equal(tally_group_at(t, 0).entries, 2);
    assert_int_equal(tally_group_at(t, 0).expire_ms, 7);
    assert_true(tally_next(t, 0, &at, &e));
    assert_true(slice_is(e.member, "count"));
    assert_int_equal(e.n, 5);
    assert_true(tally_next(t, 0, &at, &e));
    assert_true(slice_is(e.member, "info"));
    assert_false(tally_next(t, 0, &at, &e));
}

TEST(one_key_has_a_group_for_each_kind)
{
    AUTO(tally) t = tally_new();

    add(t, TALLY_HASH, "k", "a", 1);
    add(t, TALLY_LATEST, "k", "a", 1);
    add(t, TALLY_HASH, "l", "a", 1);
    assert_int_equal(tally_groups(t), 3);
    assert_int_equal(tally_entries(t), 3);
}

TEST(the_earliest_and_the_latest_win)
{
    AUTO(tally) t = tally_new();
    struct tally_entry e;
    size_t at = 0;

    add(t, TALLY_EARLIEST, "k", "since", 5);
    add(t, TALLY_EARLIEST, "k", "since", 3);
    add(t, TALLY_EARLIEST, "k", "since", 4);
    add(t, TALLY_LATEST, "k", "watermark", -5);
    add(t, TALLY_LATEST, "k", "watermark", -7);
    tally_next(t, 0, &at, &e);
    assert_int_equal(e.n, 3);
    at = 0;
    tally_next(t, 1, &at, &e);
    assert_int_equal(e.n, -5);
}

TEST(it_grows_and_can_be_used_again)
{
    AUTO(tally) t = tally_new();
    char key[16], member[16];

    for (int round = 0; round < 3; round++) {
        int64_t sum = 0;

        for (int i = 0; i < 40000; i++) {
            snprintf(key, sizeof key, "k%d", i % 100);
            snprintf(member, sizeof member, "m%d", i % 20000);
            add(t, TALLY_SORTED, key, member, 1);
        }
        assert_int_equal(tally_groups(t), 100);
        assert_int_equal(tally_entries(t), 20000);
        for (size_t g = 0; g < tally_groups(t); g++) {
            struct tally_entry e;

            for (size_t at = 0; tally_next(t, g, &at, &e);)
                sum += e.n;
        }
        assert_int_equal(sum, 40000);
        tally_clear(t);
        assert_int_equal(tally_entries(t), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_one_member_add_up),
        cmocka_unit_test(one_key_has_a_group_for_each_kind),
        cmocka_unit_test(the_earliest_and_the_latest_win),
        cmocka_unit_test(it_grows_and_can_be_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
