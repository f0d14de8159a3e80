/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "gateway/framing.h"

#include <stdio.h>

static bool is_clear(const char *fields)
{
    char head[400];
    int len = snprintf(head, sizeof head, "POST / HTTP/1.1\r\nhost: x\r\n%s\r\n{}", fields);

    return framing_is_clear(slice_make(head, (size_t)len));
}

TEST(one_length_or_one_coding_is_clear)
{
    assert_true(is_clear(""));
    assert_true(is_clear("content-length: 2\r\n"));
    assert_true(is_clear("transfer-encoding: chunked\r\n"));
    assert_true(is_clear("x-content-length: 2\r\ncontent-length: 2\r\ncontent-lengths: 3\r\n"));
}

TEST(more_than_one_is_not)
{
    assert_false(is_clear("content-length: 2\r\ncontent-length: 2\r\n"));
    assert_false(is_clear("content-length: 2\r\na: b\r\ntransfer-encoding: chunked\r\n"));
    assert_false(is_clear("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"));
}

TEST(a_field_that_goes_on_in_the_next_line_is_not)
{
    assert_false(is_clear("content-length: 2\r\n 3\r\n"));
    assert_false(is_clear("content-length: 2\r\n\t3\r\n"));
}

TEST(chunks_are_not_for_http_1_0)
{
    static const char chunked[] = "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n";
    static const char plain[] = "POST / HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}";

    assert_false(framing_is_clear(slice_of(chunked)));
    assert_true(framing_is_clear(slice_of(plain)));
}

TEST(the_body_counts_for_nothing_and_lines_may_end_bare)
{
    assert_true(framing_is_clear(
        slice_of("\r\nPOST / HTTP/1.1\ncontent-length: 40\n\ncontent-length: 3\n x\n")));
    assert_false(framing_is_clear(
        slice_of("\r\nPOST / HTTP/1.1\ncontent-length: 40\ncontent-length: 3\n\n")));
}

TEST(a_head_that_is_cut_off_is_read_to_its_end)
{
    const char head[] = {'P', '\n', 'a', ':', 'b', '\n', 'c'};

    for (size_t len = 0; len <= sizeof head; len++)
        assert_true(framing_is_clear(slice_make(head, len)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_length_or_one_coding_is_clear),
        cmocka_unit_test(more_than_one_is_not),
        cmocka_unit_test(a_field_that_goes_on_in_the_next_line_is_not),
        cmocka_unit_test(chunks_are_not_for_http_1_0),
        cmocka_unit_test(the_body_counts_for_nothing_and_lines_may_end_bare),
        cmocka_unit_test(a_head_that_is_cut_off_is_read_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
