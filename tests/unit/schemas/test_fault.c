/* SPDX-License-Identifier: MIT */
#include "schemas/fault.h"
#include "tests/unit/test.h"

TEST(an_empty_list_is_an_empty_array)
{
    struct faults f = {0};
    AUTO_BUF out = {0};
    faults_render(&f, 0, &out);
    assert_string_equal(buf_text(&out), "[]");
    faults_done(&f);
}

TEST(faults_are_rendered_in_order_and_escaped)
{
    struct faults f = {0};
    AUTO_BUF out = {0};
    faults_add(&f, slice_of("service"), "\"%s\" is required", "service");
    faults_add(&f, slice_of(""), "\"value\" must be an array");
    faults_render(&f, 0, &out);
    assert_string_equal(buf_text(&out),
                        "[{\"field\":\"service\",\"message\":\"\\\"service\\\" is required\"},"
                        "{\"field\":\"\",\"message\":\"\\\"value\\\" must be an array\"}]");
    assert_true(slice_is(fault_field(&f, 0), "service"));
    assert_true(slice_is(fault_message(&f, 1), "\"value\" must be an array"));
    faults_done(&f);
}

TEST(rendering_can_begin_later)
{
    struct faults f = {0};
    AUTO_BUF out = {0};
    faults_add(&f, slice_of("a"), "first");
    faults_add(&f, slice_of("b"), "second");
    faults_render(&f, 1, &out);
    assert_string_equal(buf_text(&out), "[{\"field\":\"b\",\"message\":\"second\"}]");
    buf_clear(&out);
    faults_render(&f, 2, &out);
    assert_string_equal(buf_text(&out), "[]");
    faults_done(&f);
}

TEST(past_the_limit_faults_are_counted_not_kept)
{
    struct faults f = {0};
    for (int i = 0; i < FAULTS_MAX + 3; i++)
        faults_add(&f, slice_of("x"), "%d", i);
    assert_int_equal(f.count, FAULTS_MAX);
    assert_int_equal(f.dropped, 3);
    assert_true(slice_is(fault_message(&f, FAULTS_MAX - 1), "3999"));
    faults_clear(&f);
    assert_int_equal(f.count + f.dropped + f.text.len, 0);
    faults_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_list_is_an_empty_array),
        cmocka_unit_test(faults_are_rendered_in_order_and_escaped),
        cmocka_unit_test(rendering_can_begin_later),
        cmocka_unit_test(past_the_limit_faults_are_counted_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
