/* SPDX-License-Identifier: MIT */
#include "gateway/count_logs.h"
#include "gateway/count_pipeline.h"

#include "tests/unit/test.h"

static const int64_t HOUR_MS = 3600000;

/* To be freed with selection_done. */
static struct selection chosen(const char *query)
{
    struct selection s = {0};
    struct faults faults = {0};

    assert_int_equal(selection_read(&s, slice_of(query), &faults), OK);
    return s;
}

static struct count_question by_hour(const struct selection *s, enum selection_field by)
{
    return (struct count_question){.tenant = slice_of("t"),
                                   .s = s,
                                   .by = by,
                                   .has_interval = true,
                                   .interval = WINDOW_HOUR,
                                   .from_ms = HOUR_MS + 5,
                                   .to_ms = 4 * HOUR_MS};
}

static uint64_t count_of(struct value_counts *c, const char *value, size_t slot)
{
    const struct value_count *values;
    size_t count = value_counts_sort(c, &values);

    for (size_t i = 0; i < count; i++)
        if (slice_is(values[i].value, value))
            return values[i].slots[slot];
    return 0;
}

TEST(slots_cover_the_range)
{
    struct selection all = {0};
    struct count_question q = by_hour(&all, SELECT_SEVERITY);

    assert_int_equal(count_slots(&q), 3);
    q.to_ms++;
    assert_int_equal(count_slots(&q), 4);
    q.from_ms = -1;
    assert_int_equal(count_slots(&q), 6);
    q.to_ms = q.from_ms;
    assert_int_equal(count_slots(&q), 0);
    q.has_interval = false;
    assert_int_equal(count_slots(&q), 1);
}

TEST(buckets_answer_what_they_know)
{
    const char *known[] = {"", "service=a&action!=b*", "severity=info&outcome=none",
                           "startDate=2026"};
    const char *unknown[] = {"userId=a", "q=a", "metadata.a=1", "service=a&tag=b"};
    struct selection all = {0};
    struct count_question q = by_hour(&all, SELECT_USER_ID);

    assert_false(count_from_buckets(&q));
    for (size_t i = 0; i < 4; i++) {
        struct selection s = chosen(known[i]);
        q = by_hour(&s, SELECT_ACTION);
        assert_true(count_from_buckets(&q));
        selection_done(&s);
        s = chosen(unknown[i]);
        assert_false(count_from_buckets(&q));
        selection_done(&s);
    }
}

/* {_id: {t: 2 h, v: "auth"}, info_none: 3, error_failure: 4} */
static bson_t *bucket_row(void)
{
    return BCON_NEW("_id", "{", "t", BCON_DATE_TIME(2 * HOUR_MS), "v", "auth", "}", "info_none",
                    BCON_INT64(3), "error_failure", BCON_INT64(4));
}

TEST(the_cells_of_a_bucket_are_chosen_by_severity_and_outcome)
{
    static const struct {
        const char *query, *value;
        enum selection_field by;
        uint64_t expected;
    } cases[] = {
        {"", "auth", SELECT_SERVICE, 7},
        {"severity=error", "auth", SELECT_SERVICE, 4},
        {"severity!=error", "auth", SELECT_SERVICE, 3},
        {"outcome=none", "auth", SELECT_SERVICE, 3},
        {"outcome=*", "auth", SELECT_SERVICE, 4},
        {"outcome=success", "auth", SELECT_SERVICE, 0},
        {"", "error", SELECT_SEVERITY, 4},
        {"", "none", SELECT_OUTCOME, 3},
        {"severity=info", "failure", SELECT_OUTCOME, 0},
    };
    struct stats_piece piece = {FROM_MINUTES, 0, 0};
    struct totals_row total = {
        .start_ms = 2 * HOUR_MS, .service = slice_of("auth"), .action = slice_of("login")};
    bson_t *row = bucket_row();

    total.cells.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = 3;
    total.cells.n[cell_of(SEVERITY_ERROR, OUTCOME_FAILURE)] = 4;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct selection s = chosen(cases[i].query);
        struct count_question q = by_hour(&s, cases[i].by);
        AUTO(value_counts) counts = value_counts_new(3, 10);

        count_row(&q, &piece, row, counts);
        assert_int_equal(count_of(counts, cases[i].value, 1), cases[i].expected);

        AUTO(value_counts) totals = value_counts_new(3, 10);
        count_total(&q, &total, totals);
        assert_int_equal(count_of(totals, cases[i].value, 1), cases[i].expected);
        selection_done(&s);
    }
    bson_destroy(row);
}

TEST(totals_are_chosen_by_service_and_action)
{
    static const struct {
        const char *query;
        uint64_t expected;
    } cases[] = {
        {"", 5}, {"service=auth", 5}, {"service=a", 0}, {"action=log*", 5}, {"action!=login", 0}};
    struct totals_row row = {.service = slice_of("auth"), .action = slice_of("login")};

    row.cells.n[0] = 5;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct selection s = chosen(cases[i].query);
        struct count_question q = {.s = &s, .by = SELECT_ACTION};
        AUTO(value_counts) counts = value_counts_new(1, 10);

        count_total(&q, &row, counts);
        assert_int_equal(count_of(counts, "login", 0), cases[i].expected);
        selection_done(&s);
    }
}

TEST(a_log_without_the_member_counts_only_as_an_outcome)
{
    struct selection all = {0};
    struct count_question q = {.s = &all, .by = SELECT_OUTCOME};
    bson_t *row = BCON_NEW("_id", "{", "v", BCON_NULL, "}", "n", BCON_INT32(2));
    AUTO(value_counts) outcomes = value_counts_new(1, 10);
    AUTO(value_counts) users = value_counts_new(1, 10);

    count_logs_row(&q, row, outcomes);
    assert_int_equal(count_of(outcomes, "none", 0), 2);
    q.by = SELECT_USER_ID;
    count_logs_row(&q, row, users);
    const struct value_count *values;
    assert_int_equal(value_counts_sort(users, &values), 0);
    bson_destroy(row);
}

static void assert_pipeline(bson_t *pipeline, const char *expected)
{
    char *json = bson_array_as_json(pipeline, NULL);
    assert_string_equal(json, expected);
    bson_free(json);
    bson_destroy(pipeline);
}

TEST(buckets_are_as_fine_as_the_slots)
{
    struct selection all = {0};
    struct count_question q = by_hour(&all, SELECT_SEVERITY);

    assert_int_equal(count_coarsest(&q), FROM_HOURS);
    q.interval = WINDOW_DAY;
    assert_int_equal(count_coarsest(&q), FROM_DAYS);
    q.interval = WINDOW_MINUTE;
    assert_int_equal(count_coarsest(&q), FROM_MINUTES);
    q.has_interval = false;
    assert_int_equal(count_coarsest(&q), FROM_WEEKS);
}

TEST(minutes_are_chosen_by_name_and_not_by_their_cells)
{
    struct selection s = chosen("service=a&severity=info");
    struct count_question q = by_hour(&s, SELECT_SEVERITY);
    struct stats_piece minutes = {FROM_MINUTES, 0, 1};
    bson_t pipeline = BSON_INITIALIZER;

    count_pipeline(&pipeline, &q, &minutes);
    char *json = bson_array_as_json(&pipeline, NULL);
    assert_non_null(strstr(json, "\"window\" : \"minute\""));
    assert_non_null(strstr(json, "\"service\" : \"a\""));
    assert_null(strstr(json, "\"severity\""));
    bson_free(json);
    bson_destroy(&pipeline);
    selection_done(&s);
}

TEST(the_commonest_tags_are_counted_one_by_one)
{
    struct selection all = {0};
    struct count_question q = {
        .tenant = slice_of("t"), .s = &all, .by = SELECT_TAG, .from_ms = 1, .to_ms = 2};
    bson_t pipeline = BSON_INITIALIZER;

    count_logs_pipeline(&pipeline, &q, 10);
    assert_pipeline(&pipeline,
                    "[ { \"$match\" : { \"tenant\" : \"t\", \"timestamp\" : { \"$gte\" : { "
                    "\"$date\" : 1 }, \"$lt\" : { \"$date\" : 2 } } } }, { \"$unwind\" : \"$tags\" "
                    "}, { \"$group\" : { \"_id\" : { \"v\" : \"$tags\" }, \"n\" : { \"$sum\" : 1 } "
                    "} }, { \"$sort\" : { \"n\" : -1, \"_id\" : 1 } }, { \"$limit\" : 10 } ]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_cover_the_range),
        cmocka_unit_test(buckets_answer_what_they_know),
        cmocka_unit_test(the_cells_of_a_bucket_are_chosen_by_severity_and_outcome),
        cmocka_unit_test(totals_are_chosen_by_service_and_action),
        cmocka_unit_test(a_log_without_the_member_counts_only_as_an_outcome),
        cmocka_unit_test(buckets_are_as_fine_as_the_slots),
        cmocka_unit_test(minutes_are_chosen_by_name_and_not_by_their_cells),
        cmocka_unit_test(the_commonest_tags_are_counted_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
