/* SPDX-License-Identifier: MIT */
#include "gateway/log_filter.h"

#include "tests/unit/test.h"

static void assert_bson(bson_t *doc, const char *expected)
{
    char *json = bson_as_relaxed_extended_json(doc, NULL);
    assert_string_equal(json, expected);
    bson_free(json);
    bson_reinit(doc);
}

static void read_ok(struct log_query *q, const char *query)
{
    struct faults faults = {0};
    assert_int_equal(log_query_read(q, slice_of(query), &faults), OK);
    faults_done(&faults);
}

TEST(without_a_cursor_there_is_one_span_of_all)
{
    struct log_query q = {.s = {.has_start = true, .start_ms = 10}};
    struct log_span spans[LOG_SPANS_MAX];

    assert_int_equal(log_filter_spans(&q, NULL, spans), 1);
    assert_int_equal(spans[0].from_ms, 10);
    assert_int_equal(spans[0].to_ms, INT64_MAX);
    assert_null(spans[0].beyond_id.data);
}

TEST(a_range_upside_down_has_no_span)
{
    struct log_query q = {.s = {.has_start = true, .start_ms = 10, .has_end = true, .end_ms = 9}};
    struct log_span spans[LOG_SPANS_MAX];

    assert_int_equal(log_filter_spans(&q, NULL, spans), 0);
    q.s.end_ms = 10;
    assert_int_equal(log_filter_spans(&q, NULL, spans), 1);
}

TEST(a_cursor_goes_on_in_its_own_millisecond_and_then_before_it)
{
    struct log_query q = {.s = {.has_start = true, .start_ms = 10, .has_end = true, .end_ms = 30}};
    struct log_position after = {20, slice_of("id")};
    struct log_span spans[LOG_SPANS_MAX];

    assert_int_equal(log_filter_spans(&q, &after, spans), 2);
    assert_int_equal(spans[0].from_ms, 20);
    assert_int_equal(spans[0].to_ms, 20);
    assert_true(slice_is(spans[0].beyond_id, "id"));
    assert_int_equal(spans[1].from_ms, 10);
    assert_int_equal(spans[1].to_ms, 19);
    assert_null(spans[1].beyond_id.data);
}

TEST(a_cursor_whose_millisecond_is_done_goes_on_before_it)
{
    struct log_query q = {.s = {.has_start = true, .start_ms = 10, .has_end = true, .end_ms = 30}};
    struct log_position after = {20, {"", 0}}, first = {10, {"", 0}};
    struct log_span spans[LOG_SPANS_MAX];

    assert_int_equal(log_filter_spans(&q, &after, spans), 1);
    assert_int_equal(spans[0].from_ms, 10);
    assert_int_equal(spans[0].to_ms, 19);
    assert_null(spans[0].beyond_id.data);
    assert_int_equal(log_filter_spans(&q, &first, spans), 0);
}

TEST(a_cursor_at_the_ends_of_the_range_does_not_leave_it)
{
    struct log_query q = {.s = {.has_start = true, .start_ms = 10, .has_end = true, .end_ms = 30}};
    struct log_position first = {10, slice_of("id")}, below = {9, slice_of("id")},
                        above = {31, slice_of("id")};
    struct log_span spans[LOG_SPANS_MAX];

    assert_int_equal(log_filter_spans(&q, &first, spans), 1);
    assert_int_equal(spans[0].to_ms, 10);
    assert_int_equal(log_filter_spans(&q, &below, spans), 0);
    assert_int_equal(log_filter_spans(&q, &above, spans), 1);
    assert_int_equal(spans[0].to_ms, 30);
}

TEST(oldest_first_goes_on_behind_the_cursor)
{
    struct log_query q = {.s = {.has_start = true, .start_ms = 10}, .oldest_first = true};
    struct log_position after = {20, slice_of("id")}, before = {9, slice_of("id")};
    struct log_span spans[LOG_SPANS_MAX];
    bson_t out = BSON_INITIALIZER;

    assert_int_equal(log_filter_spans(&q, &after, spans), 2);
    assert_int_equal(spans[0].to_ms, 20);
    assert_int_equal(spans[1].from_ms, 21);
    assert_int_equal(spans[1].to_ms, INT64_MAX);
    log_filter_match(&out, &q, slice_of("t"), &spans[0]);
    assert_bson(&out, "{ \"tenant\" : \"t\", \"timestamp\" : { \"$gte\" : { \"$date\" : "
                      "\"1970-01-01T00:00:00.020Z\" }, \"$lte\" : { \"$date\" : "
                      "\"1970-01-01T00:00:00.020Z\" } }, \"_id\" : { \"$gt\" : \"id\" } }");
    log_filter_sort(&out, &q);
    assert_bson(&out, "{ \"timestamp\" : 1, \"_id\" : 1 }");
    assert_int_equal(log_filter_spans(&q, &before, spans), 1);
    assert_int_equal(spans[0].from_ms, 10);
    bson_destroy(&out);
}

TEST(the_time_is_read_whatever_is_asked_for)
{
    struct log_query q = {0};
    bson_t out = BSON_INITIALIZER;

    log_filter_projection(&out, &q);
    assert_bson(&out, "{ }");
    read_ok(&q, "fields=service,metadata.a,metadata,service");
    log_filter_projection(&out, &q);
    assert_bson(&out, "{ \"service\" : 1, \"metadata\" : 1, \"timestamp\" : 1 }");
    log_query_done(&q);
    bson_destroy(&out);
}

TEST(the_tenant_is_always_part_of_the_filter)
{
    struct log_query q = {0};
    struct log_span all = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    bson_t out = BSON_INITIALIZER;

    log_filter_match(&out, &q, slice_of("t1"), &all);
    assert_bson(&out, "{ \"tenant\" : \"t1\" }");
    bson_destroy(&out);
}

TEST(every_filter_is_a_plain_equality_or_a_range_of_dates)
{
    struct log_query q = {0};
    struct log_span span = {0, 1000, slice_of("x")};
    bson_t out = BSON_INITIALIZER;

    read_ok(&q, "severity=info&userId=u&action={\"$ne\":1}&service=s");
    log_filter_match(&out, &q, slice_of("t1"), &span);
    log_query_done(&q);
    assert_bson(&out,
                "{ \"tenant\" : \"t1\", \"service\" : \"s\", \"action\" : \"{\\\"$ne\\\":1}\", "
                "\"userId\" : \"u\", \"severity\" : \"info\", \"timestamp\" : { \"$gte\" : { "
                "\"$date\" : \"1970-01-01T00:00:00Z\" }, \"$lte\" : { \"$date\" : "
                "\"1970-01-01T00:00:01Z\" } }, \"_id\" : { \"$lt\" : \"x\" } }");
    bson_destroy(&out);
}

TEST(an_open_end_is_not_in_the_filter)
{
    struct log_query q = {0};
    struct log_span from = {.from_ms = 0, .to_ms = INT64_MAX};
    struct log_span to = {.from_ms = INT64_MIN, .to_ms = 0};
    bson_t out = BSON_INITIALIZER;

    log_filter_match(&out, &q, slice_of("t"), &from);
    assert_bson(&out, "{ \"tenant\" : \"t\", \"timestamp\" : { \"$gte\" : { \"$date\" : "
                      "\"1970-01-01T00:00:00Z\" } } }");
    log_filter_match(&out, &q, slice_of("t"), &to);
    assert_bson(&out, "{ \"tenant\" : \"t\", \"timestamp\" : { \"$lte\" : { \"$date\" : "
                      "\"1970-01-01T00:00:00Z\" } } }");
    bson_destroy(&out);
}

static void assert_hint(const char *query, const char *expected)
{
    struct log_query q = {0};
    bson_t out = BSON_INITIALIZER;

    read_ok(&q, query);
    log_filter_hint(&out, &q.s);
    assert_bson(&out, expected);
    bson_destroy(&out);
    log_query_done(&q);
}

TEST(the_hint_names_the_index_of_the_narrowest_filter)
{
    assert_hint("", "{ \"tenant\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("severity=info",
                "{ \"tenant\" : 1, \"severity\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("severity=info&service=s",
                "{ \"tenant\" : 1, \"service\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("severity=info&service=s&action=a",
                "{ \"tenant\" : 1, \"action\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("severity=info&service=s&action=a&userId=u",
                "{ \"tenant\" : 1, \"userId\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("userId=u&resourceId=r", "{ \"tenant\" : 1, \"resource.id\" : 1, "
                                         "\"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("userId=u&userId=v",
                "{ \"tenant\" : 1, \"userId\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("service=s&service=t", "{ \"tenant\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
    assert_hint("service!=s&userId=u*", "{ \"tenant\" : 1, \"timestamp\" : -1, \"_id\" : -1 }");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_cursor_there_is_one_span_of_all),
        cmocka_unit_test(a_range_upside_down_has_no_span),
        cmocka_unit_test(a_cursor_goes_on_in_its_own_millisecond_and_then_before_it),
        cmocka_unit_test(a_cursor_whose_millisecond_is_done_goes_on_before_it),
        cmocka_unit_test(a_cursor_at_the_ends_of_the_range_does_not_leave_it),
        cmocka_unit_test(oldest_first_goes_on_behind_the_cursor),
        cmocka_unit_test(the_time_is_read_whatever_is_asked_for),
        cmocka_unit_test(the_tenant_is_always_part_of_the_filter),
        cmocka_unit_test(every_filter_is_a_plain_equality_or_a_range_of_dates),
        cmocka_unit_test(an_open_end_is_not_in_the_filter),
        cmocka_unit_test(the_hint_names_the_index_of_the_narrowest_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
