/* SPDX-License-Identifier: MIT */
#include "rules/erasures.h"
#include "tests/unit/test.h"

#include <stdio.h>

static void add(struct erasures *e, const char *user, int64_t at_ms, enum erasure_mode mode)
{
    const struct erasure one = {.tenant = slice_of("t"),
                                .user_id = slice_of(user),
                                .salt = slice_of("salt"),
                                .at_ms = at_ms,
                                .mode = mode};

    erasures_add(e, &one);
}

static const struct erasure *find(const struct erasures *e, const char *user, int64_t timestamp_ms,
                                  int64_t created_ms)
{
    return erasures_find(e, slice_of("t"), slice_of(user), timestamp_ms, created_ms);
}

TEST(what_was_received_or_happened_before_is_covered)
{
    AUTO(erasures) e = erasures_new();

    add(e, "ada", 1000, ERASE_DELETE);
    assert_non_null(find(e, "ada", 1000, 1000));
    assert_non_null(find(e, "ada", 999, 5000));  /* late */
    assert_non_null(find(e, "ada", 5000, 1000)); /* a clock that was ahead */
    assert_null(find(e, "ada", 1001, 1001));     /* a new life */
}

TEST(another_user_and_another_tenant_are_not)
{
    AUTO(erasures) e = erasures_new();

    add(e, "ada", 1000, ERASE_DELETE);
    assert_null(find(e, "ad", 1, 1));
    assert_null(find(e, "adaa", 1, 1));
    assert_null(erasures_find(e, slice_of("ta"), slice_of("da"), 1, 1));
    assert_null(erasures_find(e, slice_of("u"), slice_of("ada"), 1, 1));
    assert_null(erasures_find(e, slice_of("t"), (struct slice){NULL, 0}, 1, 1));
    assert_null(erasures_find(NULL, slice_of("t"), slice_of("ada"), 1, 1));
}

TEST(a_second_erasure_covers_the_second_life_and_deleting_goes_first)
{
    AUTO(erasures) e = erasures_new();

    add(e, "ada", 1000, ERASE_DELETE);
    add(e, "ada", 2000, ERASE_ANONYMIZE);
    assert_int_equal(find(e, "ada", 500, 500)->mode, ERASE_DELETE);
    assert_int_equal(find(e, "ada", 1500, 1500)->mode, ERASE_ANONYMIZE);
    assert_null(find(e, "ada", 2001, 2001));
}

TEST(thousands_are_all_found)
{
    AUTO(erasures) e = erasures_new();
    char user[16];

    for (int i = 0; i < 5000; i++) {
        snprintf(user, sizeof user, "user-%d", i);
        add(e, user, 1000 + i, ERASE_DELETE);
    }
    assert_int_equal(erasures_count(e), 5000);
    for (int i = 0; i < 5000; i++) {
        snprintf(user, sizeof user, "user-%d", i);
        assert_non_null(find(e, user, 1000 + i, 9000));
        assert_null(find(e, user, 1001 + i, 9000));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_received_or_happened_before_is_covered),
        cmocka_unit_test(another_user_and_another_tenant_are_not),
        cmocka_unit_test(a_second_erasure_covers_the_second_life_and_deleting_goes_first),
        cmocka_unit_test(thousands_are_all_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
