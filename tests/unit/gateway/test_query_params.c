/* SPDX-License-Identifier: MIT */
#include "gateway/query_params.h"

#include "tests/unit/test.h"

/* Reads `query` and compares all that is said about it with `expected`, one `field: message` a
 * line. */
static void assert_log_faults(const char *query, const char *expected)
{
    struct log_query q = {0};
    struct faults faults = {0};
    AUTO_BUF said = {0};

    enum result result = log_query_read(&q, slice_of(query), &faults);
    for (size_t i = 0; i < faults.count; i++)
        buf_printf(&said, "%.*s: %.*s\n", SLICE_ARG(fault_field(&faults, i)),
                   SLICE_ARG(fault_message(&faults, i)));
    assert_string_equal(buf_text(&said), expected);
    assert_int_equal(result, expected[0] ? REJECT : OK);
    faults_done(&faults);
    log_query_done(&q);
}

static struct slice value_of(const struct log_query *q, enum selection_field f)
{
    const struct selection_filter *filter = selection_find(&q->s, f);

    assert_non_null(filter);
    assert_int_equal(filter->count, 1);
    assert_false(filter->values[0].prefix);
    return filter->values[0].text;
}

static void read_ok(struct log_query *q, const char *query)
{
    struct faults faults = {0};
    assert_int_equal(log_query_read(q, slice_of(query), &faults), OK);
    faults_done(&faults);
}

TEST(nothing_asked_is_the_first_fifty_of_all)
{
    struct log_query q = {0};

    read_ok(&q, NULL);
    assert_true(selection_is_empty(&q.s));
    assert_int_equal(q.page, 1);
    assert_int_equal(q.limit, 50);
    assert_int_equal(q.count, COUNT_DEFAULT);
    assert_null(q.cursor.data);
    log_query_done(&q);
}

TEST(every_parameter_is_read_and_decoded)
{
    struct log_query q = {0};

    read_ok(&q, "service=a%20b+c&action=x%26y&userId=%C3%A4&severity=error&startDate=2026-11-22"
                "&endDate=2026-11-22T10:00:00%2B02:00&page=7&limit=1000&cursor=abc&count=exact");
    assert_true(slice_is(value_of(&q, SELECT_SERVICE), "a b c"));
    assert_true(slice_is(value_of(&q, SELECT_ACTION), "x&y"));
    assert_true(slice_is(value_of(&q, SELECT_USER_ID), "\xc3\xa4"));
    assert_true(slice_is(value_of(&q, SELECT_SEVERITY), "error"));
    assert_true(q.s.has_start && q.s.has_end);
    assert_int_equal(q.s.start_ms, 1795305600000);
    assert_int_equal(q.s.end_ms, 1795334400000);
    assert_int_equal(q.page, 7);
    assert_int_equal(q.limit, 1000);
    assert_true(slice_is(q.cursor, "abc"));
    assert_int_equal(q.count, COUNT_EXACT);
    log_query_done(&q);
}

TEST(unknown_parameters_count_for_nothing)
{
    assert_log_faults("tenant=x&foo[bar]=1&services=2&=3&&page2=0&userid[$ne]=x", "");
}

TEST(operators_in_names_are_refused_however_they_are_written)
{
    const char *must_be_text = "userId: \"userId\" must be a string\n";

    assert_log_faults("userId[$ne]=x", must_be_text);
    assert_log_faults("userId%5B%24ne%5D=x", must_be_text);
    assert_log_faults("userId[]=x", must_be_text);
    assert_log_faults("userId[=x", must_be_text);
    assert_log_faults("page[$gt]=1", "page: \"page\" must be a number\n");
    assert_log_faults("startDate[$gt]=1", "startDate: \"startDate\" must be a valid date\n");
    assert_log_faults("severity[$ne]=info",
                      "severity: \"severity\" must be one of [info, warn, error, critical]\n"
                      "severity: \"severity\" must be a string\n");
}

TEST(operators_in_values_are_plain_text)
{
    struct log_query q = {0};

    read_ok(&q, "userId={\"$ne\":null}&service=$where");
    assert_true(slice_is(value_of(&q, SELECT_USER_ID), "{\"$ne\":null}"));
    assert_true(slice_is(value_of(&q, SELECT_SERVICE), "$where"));
    log_query_done(&q);
}

TEST(what_may_stand_once_is_refused_twice)
{
    assert_log_faults("page=1&page=1", "page: \"page\" must be a number\n");
    assert_log_faults("limit=1&limit=1", "limit: \"limit\" must be a number\n");
    assert_log_faults("startDate=2026&startDate=2026",
                      "startDate: \"startDate\" must be a valid date\n");
    assert_log_faults("endDate=2026&endDate=2026", "endDate: \"endDate\" must be a valid date\n");
    assert_log_faults("cursor=a&cursor=a", "cursor: \"cursor\" must be a string\n");
}

TEST(empty_and_broken_texts_are_refused)
{
    assert_log_faults("service=", "service: \"service\" is not allowed to be empty\n");
    assert_log_faults("service", "service: \"service\" is not allowed to be empty\n");
    assert_log_faults("service=%FF", "service: \"service\" must be a string\n");
    assert_log_faults("severity=",
                      "severity: \"severity\" must be one of [info, warn, error, critical]\n"
                      "severity: \"severity\" is not allowed to be empty\n");
    assert_log_faults("severity=INFO",
                      "severity: \"severity\" must be one of [info, warn, error, critical]\n");
}

TEST(dates_are_iso_8601)
{
    const char *bad[] = {"x", "", "1", "2026-02-30", "2026-11-22T24:00:00Z", "22.11.2026"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO_BUF query = {0};
        buf_printf(&query, "startDate=%s", bad[i]);
        assert_log_faults(buf_text(&query),
                          "startDate: \"startDate\" must be in ISO 8601 date format\n");
    }
    assert_log_faults("startDate=2026&endDate=2026-11", "");
}

TEST(numbers_say_what_is_wrong_with_them)
{
    assert_log_faults("page=0", "page: \"page\" must be greater than or equal to 1\n");
    assert_log_faults("page=-1", "page: \"page\" must be greater than or equal to 1\n");
    assert_log_faults("limit=0", "limit: \"limit\" must be greater than or equal to 1\n");
    assert_log_faults("limit=1001", "limit: \"limit\" must be less than or equal to 1000\n");
    assert_log_faults("limit=1000000000000",
                      "limit: \"limit\" must be less than or equal to 1000\n");
    assert_log_faults("limit=1.5", "limit: \"limit\" must be an integer\n");
    assert_log_faults("page=-1.5", "page: \"page\" must be an integer\n"
                                   "page: \"page\" must be greater than or equal to 1\n");
    assert_log_faults("limit=100000000000000000000", "limit: \"limit\" must be a safe number\n");
    assert_log_faults("page=-100000000000000000000", "page: \"page\" must be a safe number\n");
    assert_log_faults("page=1e999", "page: \"page\" must be a safe number\n");
}

TEST(only_decimal_notation_is_a_number)
{
    const char *bad[] = {"abc", "", "1x", "0x10", "nan", "inf", "1,5", "--1", "e", "%001"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO_BUF query = {0};
        buf_printf(&query, "limit=%s", bad[i]);
        assert_log_faults(buf_text(&query), "limit: \"limit\" must be a number\n");
    }
    assert_log_faults("limit=+5+&page=1e3", "");
}

TEST(all_faults_are_told_in_the_order_of_the_fields)
{
    assert_log_faults(
        "count=all&limit=x&page=0&endDate=b&startDate=a&severity=c&userId[a]=1&action=&service=",
        "service: \"service\" is not allowed to be empty\n"
        "action: \"action\" is not allowed to be empty\n"
        "userId: \"userId\" must be a string\n"
        "severity: \"severity\" must be one of [info, warn, error, critical]\n"
        "startDate: \"startDate\" must be in ISO 8601 date format\n"
        "endDate: \"endDate\" must be in ISO 8601 date format\n"
        "page: \"page\" must be greater than or equal to 1\n"
        "limit: \"limit\" must be a number\n"
        "count: \"count\" must be one of [exact, none]\n");
}

TEST(fields_are_names_and_paths)
{
    const char *bad[] = {"", "a,,b", "$where", "a.$b", "a b", "a.", ".a", "a..b", "a%00", "%FF"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO_BUF query = {0};
        buf_printf(&query, "fields=%s", bad[i]);
        assert_log_faults(buf_text(&query),
                          "fields: \"fields\" fails to match the required pattern\n");
    }
    assert_log_faults("fields=a&fields=b", "fields: \"fields\" must be a string\n");
    assert_log_faults("fields=_id,metadata.cart-1.items_2", "");
}

TEST(both_orders_are_known)
{
    struct log_query q = {0};

    read_ok(&q, "sort=-timestamp");
    assert_false(q.oldest_first);
    log_query_done(&q);
    read_ok(&q, "sort=timestamp");
    assert_true(q.oldest_first);
    log_query_done(&q);
    assert_log_faults("sort=service", "sort: \"sort\" must be one of [timestamp, -timestamp]\n");
    assert_log_faults("sort=timestamp&sort=timestamp",
                      "sort: \"sort\" must be one of [timestamp, -timestamp]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_is_the_first_fifty_of_all),
        cmocka_unit_test(every_parameter_is_read_and_decoded),
        cmocka_unit_test(unknown_parameters_count_for_nothing),
        cmocka_unit_test(operators_in_names_are_refused_however_they_are_written),
        cmocka_unit_test(operators_in_values_are_plain_text),
        cmocka_unit_test(what_may_stand_once_is_refused_twice),
        cmocka_unit_test(empty_and_broken_texts_are_refused),
        cmocka_unit_test(dates_are_iso_8601),
        cmocka_unit_test(numbers_say_what_is_wrong_with_them),
        cmocka_unit_test(only_decimal_notation_is_a_number),
        cmocka_unit_test(all_faults_are_told_in_the_order_of_the_fields),
        cmocka_unit_test(fields_are_names_and_paths),
        cmocka_unit_test(both_orders_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
