/* SPDX-License-Identifier: MIT */
#include "gateway/page_link.h"

#include "tests/unit/test.h"

static void assert_link(const char *query, const char *expected)
{
    AUTO_BUF out = {0};
    page_link_write(&out, slice_of("/api/v1/logs"), slice_of(query), slice_of("CUR"));
    assert_string_equal(buf_text(&out), expected);
}

TEST(the_cursor_alone_when_nothing_was_asked)
{
    assert_link(NULL, "</api/v1/logs?cursor=CUR>; rel=\"next\"");
    assert_link("", "</api/v1/logs?cursor=CUR>; rel=\"next\"");
}

TEST(filters_stay_as_they_were_sent)
{
    assert_link("service=a%20b&limit=5&x=%26",
                "</api/v1/logs?service=a%20b&limit=5&x=%26&cursor=CUR>; rel=\"next\"");
}

TEST(the_cursor_takes_the_place_of_page_and_of_an_earlier_cursor)
{
    assert_link("page=2&cursor=OLD&limit=5&%70age=3",
                "</api/v1/logs?limit=5&cursor=CUR>; rel=\"next\"");
}

TEST(nothing_sent_can_end_the_link_early)
{
    assert_link("a=>;\"b\"&c=<\x7f\xc3\xa4 \r\n",
                "</api/v1/logs?a=%3E;%22b%22&c=%3C%7F%C3%A4%20%0D%0A&cursor=CUR>; rel=\"next\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cursor_alone_when_nothing_was_asked),
        cmocka_unit_test(filters_stay_as_they_were_sent),
        cmocka_unit_test(the_cursor_takes_the_place_of_page_and_of_an_earlier_cursor),
        cmocka_unit_test(nothing_sent_can_end_the_link_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
