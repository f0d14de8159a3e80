/* SPDX-License-Identifier: MIT */
#include "gateway/log_json.h"

#include "tests/unit/test.h"

#include <float.h>
#include <math.h>

static void assert_json(const bson_t *doc, const char *expected)
{
    AUTO_BUF out = {0};
    log_json_add(&out, doc);
    assert_string_equal(buf_text(&out), expected);
}

/* As extended JSON, which says a value's type. */
static void assert_shown(const char *stored, const char *expected)
{
    bson_error_t why;
    bson_t *doc = bson_new_from_json((const uint8_t *)stored, -1, &why);
    assert_non_null(doc);
    assert_json(doc, expected);
    bson_destroy(doc);
}

TEST(the_first_versions_members_come_first_and_in_its_order)
{
    assert_shown("{\"_id\":\"1\",\"hash\":\"h\",\"src\":\"0:1:2\",\"tenant\":\"default\","
                 "\"service\":\"s\",\"action\":\"a\",\"userId\":\"u\",\"severity\":\"info\","
                 "\"timestamp\":{\"$date\":\"2026-11-22T10:00:00.5Z\"},"
                 "\"createdAt\":{\"$date\":\"2026-11-22T10:00:01Z\"},\"source\":\"http\","
                 "\"metadata\":{\"k\":1},\"enriched\":{\"bot\":false},"
                 "\"expireAt\":{\"$date\":\"2027-02-20T10:00:01Z\"}}",
                 "{\"_id\":\"1\",\"service\":\"s\",\"action\":\"a\",\"userId\":\"u\","
                 "\"metadata\":{\"k\":1},\"severity\":\"info\","
                 "\"timestamp\":\"2026-11-22T10:00:00.500Z\","
                 "\"createdAt\":\"2026-11-22T10:00:01.000Z\",\"tenant\":\"default\","
                 "\"source\":\"http\",\"enriched\":{\"bot\":false}}");
}

TEST(the_id_is_shown_without_its_tenant)
{
    assert_shown("{\"_id\":\"t1/abc\"}", "{\"_id\":\"abc\"}");
    assert_shown("{\"_id\":\"abc\"}", "{\"_id\":\"abc\"}");
}

TEST(hidden_names_are_hidden_at_the_top_only)
{
    assert_shown("{\"src\":1,\"metadata\":{\"src\":1,\"hash\":2,\"expireAt\":3,\"_id\":\"a/b\"}}",
                 "{\"metadata\":{\"src\":1,\"hash\":2,\"expireAt\":3,\"_id\":\"a/b\"}}");
}

TEST(every_type_of_json_comes_back_as_itself)
{
    assert_shown("{\"_id\":\"1\",\"metadata\":{\"a\":[1,[],{},null,true,false,\"x\\u0000\\\"\"],"
                 "\"\":{\"b\":{}}}}",
                 "{\"_id\":\"1\",\"metadata\":{\"a\":[1,[],{},null,true,false,\"x\\u0000\\\"\"],"
                 "\"\":{\"b\":{}}}}");
}

TEST(an_old_log_without_an_id_of_ours_is_shown_too)
{
    assert_shown("{\"_id\":{\"$oid\":\"5f43a1b2c3d4e5f601234567\"},\"service\":\"s\"}",
                 "{\"_id\":\"5f43a1b2c3d4e5f601234567\",\"service\":\"s\"}");
    assert_shown("{}", "{}");
}

TEST(integers_are_exact)
{
    bson_t doc = BSON_INITIALIZER;
    BSON_APPEND_INT64(&doc, "a", INT64_MAX);
    BSON_APPEND_INT64(&doc, "b", INT64_MIN);
    BSON_APPEND_INT32(&doc, "c", -1);
    assert_json(&doc, "{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":-1}");
    bson_destroy(&doc);
}

TEST(doubles_take_as_few_digits_as_bring_them_back)
{
    const double values[] = {0.1,    1.5,     -2.0,      1e22, 1.0 / 3, 123456789012345680.0,
                             5e-324, DBL_MAX, 0.1 + 0.2, 1e100};
    const char *texts[] = {"0.1",
                           "1.5",
                           "-2",
                           "1e+22",
                           "0.3333333333333333",
                           "1.2345678901234568e+17",
                           "4.94065645841247e-324",
                           "1.7976931348623157e+308",
                           "0.30000000000000004",
                           "1e+100"};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        bson_t doc = BSON_INITIALIZER;
        AUTO_BUF expected = {0};
        BSON_APPEND_DOUBLE(&doc, "d", values[i]);
        buf_printf(&expected, "{\"d\":%s}", texts[i]);
        assert_json(&doc, buf_text(&expected));
        assert_true(strtod(texts[i], NULL) == values[i]);
        bson_destroy(&doc);
    }
}

TEST(what_json_has_no_word_for_is_null)
{
    bson_t doc = BSON_INITIALIZER;
    BSON_APPEND_DOUBLE(&doc, "a", NAN);
    BSON_APPEND_DOUBLE(&doc, "b", -INFINITY);
    BSON_APPEND_MINKEY(&doc, "c");
    BSON_APPEND_DATE_TIME(&doc, "d", INT64_MAX);
    BSON_APPEND_DATE_TIME(&doc, "e", INT64_MIN);
    assert_json(&doc, "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}");
    bson_destroy(&doc);
}

TEST(years_0_and_9999_are_shown)
{
    bson_t doc = BSON_INITIALIZER;
    BSON_APPEND_DATE_TIME(&doc, "a", -62167219200000);
    BSON_APPEND_DATE_TIME(&doc, "b", 253402300799999);
    assert_json(&doc, "{\"a\":\"0000-01-01T00:00:00.000Z\",\"b\":\"9999-12-31T23:59:59.999Z\"}");
    bson_destroy(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_versions_members_come_first_and_in_its_order),
        cmocka_unit_test(the_id_is_shown_without_its_tenant),
        cmocka_unit_test(hidden_names_are_hidden_at_the_top_only),
        cmocka_unit_test(every_type_of_json_comes_back_as_itself),
        cmocka_unit_test(an_old_log_without_an_id_of_ours_is_shown_too),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(doubles_take_as_few_digits_as_bring_them_back),
        cmocka_unit_test(what_json_has_no_word_for_is_null),
        cmocka_unit_test(years_0_and_9999_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
