/* SPDX-License-Identifier: MIT */
#include "gateway/count_params.h"

#include "tests/unit/test.h"

static void add_said(struct buf *out, const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        buf_printf(out, "%.*s: %.*s\n", SLICE_ARG(fault_field(faults, i)),
                   SLICE_ARG(fault_message(faults, i)));
}

static struct histogram_query histogram_of(const char *query, const char *expected)
{
    struct histogram_query q = {0};
    struct faults faults = {0};
    AUTO_BUF said = {0};

    enum result result = histogram_query_read(&q, slice_of(query), &faults);
    add_said(&said, &faults);
    assert_string_equal(buf_text(&said), expected);
    assert_int_equal(result, expected[0] ? REJECT : OK);
    faults_done(&faults);
    selection_done(&q.s);
    return q;
}

TEST(a_histogram_is_by_severity_and_chooses_its_interval)
{
    struct histogram_query q = histogram_of("service=a", "");

    assert_true(q.is_auto);
    assert_int_equal(q.by, SELECT_SEVERITY);
    assert_true(histogram_of("interval=auto", "").is_auto);
}

TEST(interval_and_dimension_are_taken_from_their_lists)
{
    struct histogram_query q = histogram_of("interval=minute&by=outcome", "");

    assert_false(q.is_auto);
    assert_int_equal(q.interval, WINDOW_MINUTE);
    assert_int_equal(q.by, SELECT_OUTCOME);
    assert_int_equal(histogram_of("interval=%64ay", "").interval, WINDOW_DAY);
    histogram_of("interval=week&by=userId&severity=x",
                 "severity: \"severity\" must be one of [info, warn, error, critical]\n"
                 "interval: \"interval\" must be one of [auto, minute, hour, day]\n"
                 "by: \"by\" must be one of [severity, service, action, outcome]\n");
    histogram_of("by=service&by=service",
                 "by: \"by\" must be one of [severity, service, action, outcome]\n");
    histogram_of("interval[]=day",
                 "interval: \"interval\" must be one of [auto, minute, hour, day]\n");
}

TEST(facets_are_listed_and_none_comes_twice)
{
    struct facets_query q = {0};
    struct faults faults = {0};

    assert_int_equal(facets_query_read(&q, slice_of("field=tag%2Cservice,service,userId"), &faults),
                     OK);
    assert_int_equal(q.field_count, 3);
    assert_int_equal(q.fields[0], SELECT_TAG);
    assert_int_equal(q.fields[1], SELECT_SERVICE);
    assert_int_equal(q.fields[2], SELECT_USER_ID);
    faults_done(&faults);
    selection_done(&q.s);
}

TEST(a_facet_must_be_one_of_the_fields)
{
    const char *bad[] = {
        "field=",       "field=metadata",  "field=metadata.a",          "field=service,",
        "field=colour", "field[]=service", "field=service&field=action"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct facets_query q = {0};
        struct faults faults = {0};

        assert_int_equal(facets_query_read(&q, slice_of(bad[i]), &faults), REJECT);
        assert_int_equal(faults.count, 1);
        faults_done(&faults);
        selection_done(&q.s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_histogram_is_by_severity_and_chooses_its_interval),
        cmocka_unit_test(interval_and_dimension_are_taken_from_their_lists),
        cmocka_unit_test(facets_are_listed_and_none_comes_twice),
        cmocka_unit_test(a_facet_must_be_one_of_the_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
