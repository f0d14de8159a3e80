/* SPDX-License-Identifier: MIT */
#include "schemas/selection_bson.h"

#include "tests/unit/test.h"

static void assert_filter(const char *query, const char *expected)
{
    struct selection s = {0};
    struct faults faults = {0};
    bson_t filter = BSON_INITIALIZER;

    assert_int_equal(selection_read(&s, slice_of(query), &faults), OK);
    selection_bson_filters(&filter, &s);
    char *json = bson_as_relaxed_extended_json(&filter, NULL);
    assert_string_equal(json, expected);
    bson_free(json);
    bson_destroy(&filter);
    selection_done(&s);
    faults_done(&faults);
}

TEST(one_value_is_a_plain_equality)
{
    assert_filter("", "{ }");
    assert_filter(
        "service=auth&country=DE&resourceId=$ne",
        "{ \"service\" : \"auth\", \"resource.id\" : \"$ne\", \"enriched.country\" : \"DE\" }");
    assert_filter("outcome=none", "{ \"outcome\" : null }");
}

TEST(several_values_are_any_of)
{
    assert_filter("service=b&service=a", "{ \"service\" : { \"$in\" : [ \"a\", \"b\" ] } }");
    assert_filter("metadata.n=5&metadata.n=true&metadata.n=x",
                  "{ \"metadata.n\" : { \"$in\" : [ \"5\", 5, \"true\", true, \"x\" ] } }");
}

TEST(a_prefix_is_a_range_and_in_lists_a_pattern)
{
    assert_filter("action=user.*",
                  "{ \"action\" : { \"$gte\" : \"user.\", \"$lt\" : \"user/\" } }");
    assert_filter("action=a%F4%8F%BF%BF*",
                  "{ \"action\" : { \"$gte\" : \"a\xf4\x8f\xbf\xbf\", \"$lt\" : \"b\" } }");
    assert_filter("action=%ED%9F%BF*",
                  "{ \"action\" : { \"$gte\" : \"\xed\x9f\xbf\", \"$lt\" : \"\xee\x80\x80\" } }");
    assert_filter("userId=*", "{ \"userId\" : { \"$gte\" : \"\" } }");
    assert_filter("tag=a.b%00*",
                  "{ \"tags\" : { \"$regularExpression\" : { \"pattern\" : \"^a\\\\.b\\\\x00\", "
                  "\"options\" : \"\" } } }");
    assert_filter("metadata.x=*", "{ \"metadata.x\" : { \"$exists\" : true } }");
}

TEST(prefixes_and_values_are_alternatives)
{
    assert_filter("service=a&service=b*&service=c",
                  "{ \"$and\" : [ { \"$or\" : [ { \"service\" : { \"$in\" : [ \"a\", \"c\" ] } }, "
                  "{ \"service\" : { \"$gte\" : \"b\", \"$lt\" : \"c\" } } ] } ] }");
}

TEST(what_is_excluded_is_in_none_of_them)
{
    assert_filter("service!=a&tag!=b&tag=c",
                  "{ \"tags\" : \"c\", \"$nor\" : [ { \"service\" : { \"$in\" : [ \"a\" ] } }, "
                  "{ \"tags\" : { \"$in\" : [ \"b\" ] } } ] }");
}

TEST(words_are_patterns_without_operators)
{
    assert_filter(
        "q=a.%C3%84",
        "{ \"$and\" : [ { \"$or\" : [ { \"message\" : { \"$regularExpression\" : { \"pattern\" : "
        "\"[aA]\\\\.[\xc3\xa4\xc3\x84]\", \"options\" : \"\" } } }, { \"action\" : { "
        "\"$regularExpression\" : { \"pattern\" : \"[aA]\\\\.[\xc3\xa4\xc3\x84]\", \"options\" : "
        "\"\" } } } "
        "] } ] }");
}

TEST(the_whole_has_tenant_and_dates)
{
    struct selection s = {.has_start = true, .start_ms = 1, .has_end = true, .end_ms = 2};
    bson_t filter = BSON_INITIALIZER;

    selection_bson(&filter, &s, slice_of("acme"));
    char *json = bson_as_canonical_extended_json(&filter, NULL);
    assert_string_equal(json,
                        "{ \"tenant\" : \"acme\", \"timestamp\" : { \"$gte\" : { \"$date\" : { "
                        "\"$numberLong\" : \"1\" } }, \"$lte\" : { \"$date\" : { "
                        "\"$numberLong\" : \"2\" } } } }");
    bson_free(json);
    bson_destroy(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_value_is_a_plain_equality),
        cmocka_unit_test(several_values_are_any_of),
        cmocka_unit_test(a_prefix_is_a_range_and_in_lists_a_pattern),
        cmocka_unit_test(prefixes_and_values_are_alternatives),
        cmocka_unit_test(what_is_excluded_is_in_none_of_them),
        cmocka_unit_test(words_are_patterns_without_operators),
        cmocka_unit_test(the_whole_has_tenant_and_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
