/* SPDX-License-Identifier: MIT */
#include "common/percent.h"

#include "tests/unit/test.h"

static void assert_decodes(const char *from, bool plus, const char *to)
{
    AUTO_BUF out = {0};
    percent_decode(&out, slice_of(from), plus);
    assert_string_equal(buf_text(&out), to);
}

TEST(bytes_are_decoded)
{
    assert_decodes("a%20b%C3%A9", false, "a b\xC3\xA9");
    assert_decodes("%41%4a%4A", false, "AJJ");
    assert_decodes("", false, "");
}

TEST(plus_is_a_space_in_forms_only)
{
    assert_decodes("a+b", true, "a b");
    assert_decodes("a+b", false, "a+b");
    assert_decodes("a%2Bb", true, "a+b");
}

TEST(a_percent_sign_that_begins_no_byte_stays)
{
    assert_decodes("100%", false, "100%");
    assert_decodes("%4", false, "%4");
    assert_decodes("%zz%4g", false, "%zz%4g");
    assert_decodes("%%41", false, "%A");
}

TEST(an_encoded_nul_is_a_byte_like_others)
{
    AUTO_BUF out = {0};
    percent_decode(&out, slice_of("a%00b"), false);
    assert_true(slice_eq(buf_slice(&out), slice_make("a\0b", 3)));
}

TEST(pairs_come_in_order_and_empty_ones_are_skipped)
{
    struct slice rest = slice_of("&a=1&&b&=x&c=d=e&"), name, value;
    assert_true(form_next(&rest, &name, &value));
    assert_true(slice_is(name, "a") && slice_is(value, "1"));
    assert_true(form_next(&rest, &name, &value));
    assert_true(slice_is(name, "b") && slice_is(value, ""));
    assert_true(form_next(&rest, &name, &value));
    assert_true(slice_is(name, "") && slice_is(value, "x"));
    assert_true(form_next(&rest, &name, &value));
    assert_true(slice_is(name, "c") && slice_is(value, "d=e"));
    assert_false(form_next(&rest, &name, &value));
}

TEST(the_last_of_two_equal_names_counts)
{
    assert_true(slice_is(form_get(slice_of("ack=all&x=1&ack=none"), "ack"), "none"));
    assert_null(form_get(slice_of("acks=all"), "ack").data);
    assert_null(form_get((struct slice){NULL, 0}, "ack").data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_decoded),
        cmocka_unit_test(plus_is_a_space_in_forms_only),
        cmocka_unit_test(a_percent_sign_that_begins_no_byte_stays),
        cmocka_unit_test(an_encoded_nul_is_a_byte_like_others),
        cmocka_unit_test(pairs_come_in_order_and_empty_ones_are_skipped),
        cmocka_unit_test(the_last_of_two_equal_names_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
