/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/slice.h"

#include <stdio.h>

TEST(absent_and_empty_have_no_bytes_but_differ)
{
    struct slice absent = slice_of(NULL), empty = slice_of("");
    assert_null(absent.data);
    assert_non_null(empty.data);
    assert_int_equal(absent.len + empty.len, 0);
    assert_true(slice_eq(absent, empty));
}

TEST(equality_looks_at_every_byte_past_a_nul)
{
    assert_true(slice_eq(slice_make("a\0b", 3), slice_make("a\0b", 3)));
    assert_false(slice_eq(slice_make("a\0b", 3), slice_make("a\0c", 3)));
    assert_false(slice_eq(slice_make("ab", 2), slice_make("abc", 3)));
}

TEST(is_compares_with_a_text)
{
    assert_true(slice_is(slice_make("GET /", 3), "GET"));
    assert_false(slice_is(slice_make("GET /", 3), "GE"));
    assert_false(slice_is(slice_make("GE", 2), "GET"));
}

TEST(slices_print)
{
    char out[16];
    snprintf(out, sizeof out, "<%.*s>", SLICE_ARG(slice_make("abcdef", 3)));
    assert_string_equal(out, "<abc>");
    snprintf(out, sizeof out, "<%.*s>", SLICE_ARG(slice_of(NULL)));
    assert_string_equal(out, "<>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_and_empty_have_no_bytes_but_differ),
        cmocka_unit_test(equality_looks_at_every_byte_past_a_nul),
        cmocka_unit_test(is_compares_with_a_text),
        cmocka_unit_test(slices_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
