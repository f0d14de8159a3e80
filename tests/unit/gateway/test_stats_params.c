/* SPDX-License-Identifier: MIT */
#include "gateway/stats_params.h"

#include "tests/unit/test.h"

typedef enum result reader(struct stats_query *q, struct slice query, struct faults *faults);

static void assert_faults(reader *read, const char *query, const char *expected)
{
    struct stats_query q = {0};
    struct faults faults = {0};
    AUTO_BUF shown = {0};

    assert_int_equal(read(&q, slice_of(query), &faults), *expected ? REJECT : OK);
    for (size_t i = 0; i < faults.count; i++)
        buf_printf(&shown, "%.*s: %.*s\n", SLICE_ARG(fault_field(&faults, i)),
                   SLICE_ARG(fault_message(&faults, i)));
    assert_string_equal(buf_text(&shown), expected);
    stats_query_done(&q);
    faults_done(&faults);
}

TEST(stats_take_filters_a_range_and_a_limit)
{
    struct stats_query q = {0};
    struct faults faults = {0};

    assert_int_equal(stats_query_read(&q,
                                      slice_of("service=a&startDate=1970-01-02&page=0&userId=u&q=x"
                                               "&severity!=info"),
                                      &faults),
                     OK);
    assert_int_equal(q.s.filter_count, 2);
    assert_int_equal(q.s.word_count, 0);
    assert_true(q.s.has_start);
    assert_false(q.s.has_end);
    assert_int_equal(q.s.start_ms, 86400000);
    assert_int_equal(q.limit, 100);
    assert_int_equal(q.by.count, 2);
    stats_query_done(&q);
    faults_done(&faults);
}

TEST(stats_refuse_what_logs_refuse)
{
    assert_faults(stats_query_read,
                  "service[$ne]=a&endDate=x&limit=0&startDate=2026&startDate=2026",
                  "service: \"service\" must be a string\n"
                  "startDate: \"startDate\" must be a valid date\n"
                  "endDate: \"endDate\" must be in ISO 8601 date format\n"
                  "limit: \"limit\" must be greater than or equal to 1\n");
    assert_faults(stats_query_read, "limit=1000000000000",
                  "limit: \"limit\" must be less than or equal to 1000\n");
}

TEST(groups_are_any_order_of_what_buckets_know)
{
    struct stats_query q = {0};
    struct faults faults = {0};

    assert_int_equal(stats_query_read(&q, slice_of("groupBy=outcome,service%2Cseverity"), &faults),
                     OK);
    assert_int_equal(q.by.count, 3);
    assert_int_equal(q.by.order[0], BY_OUTCOME);
    assert_int_equal(q.by.order[1], BY_SERVICE);
    assert_int_equal(q.by.order[2], BY_SEVERITY);
    stats_query_done(&q);
    faults_done(&faults);
}

TEST(groups_of_anything_else_are_refused)
{
    const char *one_of =
        "groupBy: \"groupBy\" must be one of [service, action, severity, outcome]\n";

    assert_faults(stats_query_read, "groupBy=userId", one_of);
    assert_faults(stats_query_read, "groupBy=service,", one_of);
    assert_faults(stats_query_read, "groupBy=,service", one_of);
    assert_faults(stats_query_read, "groupBy=service,,action", one_of);
    assert_faults(stats_query_read, "groupBy=service,service",
                  "groupBy: \"groupBy\" contains a duplicate value\n");
    assert_faults(stats_query_read, "groupBy=service,action,severity,outcome,service",
                  "groupBy: \"groupBy\" contains a duplicate value\n");
    assert_faults(stats_query_read,
                  "groupBy=", "groupBy: \"groupBy\" is not allowed to be empty\n");
    assert_faults(stats_query_read, "groupBy=service&groupBy=action",
                  "groupBy: \"groupBy\" must be a string\n");
    assert_faults(stats_query_read, "groupBy[]=service", "groupBy: \"groupBy\" must be a string\n");
}

TEST(a_series_needs_an_interval_and_filters_that_buckets_know)
{
    assert_faults(timeseries_query_read, "interval=day&tz=Europe/Berlin&severity=error", "");
    assert_faults(timeseries_query_read, "", "interval: \"interval\" is required\n");
    assert_faults(timeseries_query_read, "interval=week&userId=a&metadata.x=1&q=y&tz=",
                  "userId: \"userId\" is not allowed\n"
                  "metadata.x: \"metadata.x\" is not allowed\n"
                  "q: \"q\" is not allowed\n"
                  "interval: \"interval\" must be one of [minute, hour, day]\n"
                  "tz: \"tz\" is not allowed to be empty\n");
}

TEST(top_and_unique_need_a_field_and_take_all_filters)
{
    struct stats_query q = {0};
    struct faults faults = {0};

    assert_int_equal(top_query_read(&q, slice_of("field=action&service=a"), &faults), OK);
    assert_int_equal(q.field, FIELD_ACTION);
    assert_int_equal(q.limit, 10);
    assert_true(stats_counts(&q.s));
    stats_query_done(&q);
    q = (struct stats_query){0};
    assert_int_equal(unique_query_read(&q, slice_of("field=userId&ip=::1"), &faults), OK);
    assert_false(stats_counts(&q.s));
    stats_query_done(&q);
    assert_faults(top_query_read, "limit=x",
                  "field: \"field\" is required\nlimit: \"limit\" must be a number\n");
    assert_faults(top_query_read, "field=ip",
                  "field: \"field\" must be one of [service, action, userId, country]\n");
    assert_faults(unique_query_read, "field=service", "field: \"field\" must be one of [userId]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stats_take_filters_a_range_and_a_limit),
        cmocka_unit_test(stats_refuse_what_logs_refuse),
        cmocka_unit_test(groups_are_any_order_of_what_buckets_know),
        cmocka_unit_test(groups_of_anything_else_are_refused),
        cmocka_unit_test(a_series_needs_an_interval_and_filters_that_buckets_know),
        cmocka_unit_test(top_and_unique_need_a_field_and_take_all_filters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
