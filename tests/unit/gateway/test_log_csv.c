/* SPDX-License-Identifier: MIT */
#include "gateway/log_csv.h"

#include "tests/unit/test.h"

#include <string.h>

static const char head[] =
    "_id,timestamp,createdAt,service,action,userId,severity,outcome,message,tenant,source,actor,"
    "resource,changes,ip,userAgent,sessionId,requestId,tags,traceparent,metadata,enriched\r\n";

/* The cell of `message`, the ninth, of a log with that message alone. */
static void assert_message(const char *json, const char *cell)
{
    AUTO_BUF log = {0}, line = {0}, wanted = {0};
    buf_printf(&log, "{\"message\":%s}", json);
    log_csv_add(&line, buf_slice(&log));
    buf_printf(&wanted, ",,,,,,,,%s,,,,,,,,,,,,,\r\n", cell);
    assert_string_equal(buf_text(&line), buf_text(&wanted));
}

TEST(the_columns_are_always_the_same)
{
    AUTO_BUF out = {0};
    log_csv_head(&out);
    assert_string_equal(buf_text(&out), head);
}

TEST(a_log_is_one_line_in_the_order_of_the_columns)
{
    AUTO_BUF out = {0};
    log_csv_add(&out,
                slice_of("{\"_id\":\"a\",\"action\":\"x.y\",\"service\":\"s\",\"tags\":[\"t\"],"
                         "\"metadata\":{\"n\":1},\"unknown\":true}"));
    assert_string_equal(buf_text(&out),
                        "a,,,s,x.y,,,,,,,,,,,,,,\"[\"\"t\"\"]\",,\"{\"\"n\"\":1}\",\r\n");
}

TEST(what_csv_would_misread_is_quoted)
{
    assert_message("\"plain\"", "plain");
    assert_message("\"a,b\"", "\"a,b\"");
    assert_message("\"say \\\"hi\\\"\"", "\"say \"\"hi\"\"\"");
    assert_message("\"two\\r\\nlines\"", "\"two\r\nlines\"");
    assert_message("\" led by a space\"", "\" led by a space\"");
}

TEST(what_a_spreadsheet_would_run_is_made_harmless)
{
    assert_message("\"=1+1\"", "\"'=1+1\"");
    assert_message("\"+1\"", "\"'+1\"");
    assert_message("\"-1\"", "\"'-1\"");
    assert_message("\"@SUM(A1)\"", "\"'@SUM(A1)\"");
    assert_message("\"\\t=1\"", "\"'\t=1\"");
    assert_message("\"\\r=1\"", "\"'\r=1\"");
    assert_message("\"1=1\"", "1=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_columns_are_always_the_same),
        cmocka_unit_test(a_log_is_one_line_in_the_order_of_the_columns),
        cmocka_unit_test(what_csv_would_misread_is_quoted),
        cmocka_unit_test(what_a_spreadsheet_would_run_is_made_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
