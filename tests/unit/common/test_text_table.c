/* SPDX-License-Identifier: MIT */
#include "common/text_table.h"

#include "tests/unit/test.h"

#include <stdio.h>

TEST(a_text_keeps_its_place)
{
    struct text_table t;
    bool is_new;
    char text[16];

    text_table_init(&t);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 5000; i++) {
            snprintf(text, sizeof text, "text %zu", i);
            assert_int_equal(text_table_place(&t, slice_of(text), &is_new), i);
            assert_int_equal(is_new, round == 0);
        }
    }
    assert_int_equal(t.count, 5000);
    assert_true(slice_is(text_table_text(&t, 4711), "text 4711"));
    text_table_done(&t);
}

TEST(texts_are_told_apart_whatever_they_hold)
{
    struct text_table t;
    bool is_new;

    text_table_init(&t);
    assert_int_equal(text_table_place(&t, slice_make("a\0b", 3), &is_new), 0);
    assert_int_equal(text_table_place(&t, slice_make("a\0c", 3), &is_new), 1);
    assert_int_equal(text_table_place(&t, slice_of("a"), &is_new), 2);
    assert_int_equal(text_table_place(&t, slice_of(""), &is_new), 3);
    assert_true(is_new);
    assert_int_equal(t.bytes, 7);
    text_table_done(&t);
}

TEST(a_cleared_table_knows_nothing)
{
    struct text_table t;
    bool is_new;

    text_table_init(&t);
    text_table_place(&t, slice_of("a"), &is_new);
    text_table_clear(&t);
    assert_int_equal(t.count, 0);
    assert_int_equal(text_table_place(&t, slice_of("b"), &is_new), 0);
    assert_true(is_new);
    assert_true(slice_is(text_table_text(&t, 0), "b"));
    text_table_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_keeps_its_place),
        cmocka_unit_test(texts_are_told_apart_whatever_they_hold),
        cmocka_unit_test(a_cleared_table_knows_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
