/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/buf.h"

TEST(a_zeroed_buffer_is_empty_and_reads_as_empty_text)
{
    AUTO_BUF b = {0};
    assert_int_equal(buf_slice(&b).len, 0);
    assert_string_equal(buf_text(&b), "");
}

TEST(appending_grows_and_keeps_all_bytes)
{
    AUTO_BUF b = {0};
    for (int i = 0; i < 1000; i++)
        buf_add(&b, "0123456789", 10);
    assert_int_equal(b.len, 10000);
    for (size_t i = 0; i < b.len; i++)
        assert_int_equal(b.data[i], '0' + (int)(i % 10));
}

TEST(clearing_keeps_the_memory)
{
    AUTO_BUF b = {0};
    buf_add_text(&b, "something");
    const char *before = b.data;
    buf_clear(&b);
    buf_add_char(&b, 'x');
    assert_ptr_equal(b.data, before);
    assert_string_equal(buf_text(&b), "x");
}

TEST(an_absent_slice_adds_nothing)
{
    AUTO_BUF b = {0};
    buf_add_slice(&b, slice_of(NULL));
    assert_int_equal(b.len, 0);
}

TEST(integers_are_decimal_to_their_limits)
{
    AUTO_BUF b = {0};
    buf_add_u64(&b, 0);
    buf_add_char(&b, ' ');
    buf_add_u64(&b, UINT64_MAX);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, INT64_MIN);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, INT64_MAX);
    assert_string_equal(buf_text(&b),
                        "0 18446744073709551615 -9223372036854775808 9223372036854775807");
}

TEST(printf_grows_as_far_as_it_must)
{
    AUTO_BUF b = {0};
    buf_printf(&b, "%s", "");
    assert_int_equal(b.len, 0);
    buf_printf(&b, "%0500d|", 7);
    buf_printf(&b, "%s", "end");
    assert_int_equal(b.len, 504);
    assert_string_equal(buf_text(&b) + 499, "7|end");
}

TEST(json_escapes_what_rfc_8259_says_and_nothing_else)
{
    static const char text[] = "a\"\\/\b\f\n\r\t\x01\x1f\x7f\0z \xc3\xa9";
    AUTO_BUF b = {0};
    buf_add_json(&b, slice_make(text, sizeof text - 1));
    assert_string_equal(buf_text(&b), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000z "
                                      "\xc3\xa9\"");
}

TEST(json_escapes_each_byte_wherever_it_stands)
{
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 20; at++) {
            AUTO_BUF b = {0};
            char text[20], *escaped;
            memset(text, 'x', sizeof text);
            text[at] = (char)c;
            buf_add_json(&b, slice_make(text, sizeof text));
            escaped = memchr(buf_text(&b), '\\', b.len);
            bool wanted = c < 0x20 || c == '"' || c == '\\';
            assert_int_equal(escaped != NULL, wanted);
            if (wanted)
                assert_int_equal(escaped - b.data, 1 + at);
        }
    }
}

TEST(json_of_no_text_is_the_empty_string)
{
    AUTO_BUF b = {0};
    buf_add_json(&b, slice_of(NULL));
    assert_string_equal(buf_text(&b), "\"\"");
}

TEST(json_of_any_bytes_replaces_what_is_not_utf8)
{
    AUTO_BUF b = {0};
    buf_add_json_any(&b, slice_of("a\xff\"\xc3\xa9\xed\xa0\x80\xe2\x82"));
    assert_string_equal(buf_text(&b), "\"a\xef\xbf\xbd\\\"\xc3\xa9"
                                      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                                      "\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(done_leaves_a_buffer_that_works)
{
    AUTO_BUF b = {0};
    buf_add_text(&b, "first");
    buf_done(&b);
    buf_add_text(&b, "second");
    assert_string_equal(buf_text(&b), "second");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zeroed_buffer_is_empty_and_reads_as_empty_text),
        cmocka_unit_test(appending_grows_and_keeps_all_bytes),
        cmocka_unit_test(clearing_keeps_the_memory),
        cmocka_unit_test(an_absent_slice_adds_nothing),
        cmocka_unit_test(integers_are_decimal_to_their_limits),
        cmocka_unit_test(printf_grows_as_far_as_it_must),
        cmocka_unit_test(json_escapes_what_rfc_8259_says_and_nothing_else),
        cmocka_unit_test(json_escapes_each_byte_wherever_it_stands),
        cmocka_unit_test(json_of_no_text_is_the_empty_string),
        cmocka_unit_test(json_of_any_bytes_replaces_what_is_not_utf8),
        cmocka_unit_test(done_leaves_a_buffer_that_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
