/* SPDX-License-Identifier: MIT */
#include "gateway/stats_pipeline.h"

#include "tests/unit/test.h"

#include <stdio.h>

static const struct stats_piece minutes = {FROM_MINUTES, 0, 3600000}, logs = {FROM_LOGS, 0, 500};

static const struct selection all;
static const struct stats_view by_action = {.chosen = &all, .by = {{BY_SERVICE, BY_ACTION}, 2}};

static char *stage(const bson_t *pipeline, const char *path)
{
    bson_iter_t at, found;
    uint32_t len;
    const uint8_t *data;
    bson_t doc;

    assert_true(bson_iter_init(&at, pipeline) && bson_iter_find_descendant(&at, path, &found));
    bson_iter_document(&found, &len, &data);
    assert_true(bson_init_static(&doc, data, len));
    return bson_as_relaxed_extended_json(&doc, NULL);
}

static void assert_stage(const bson_t *pipeline, const char *path, const char *expected)
{
    char *json = stage(pipeline, path);
    assert_string_equal(json, expected);
    bson_free(json);
}

TEST(buckets_are_found_by_window_and_start)
{
    bson_t out = BSON_INITIALIZER;

    struct selection chosen = {0};
    struct faults faults = {0};
    const struct stats_view view = {.chosen = &chosen, .by = by_action.by};

    assert_int_equal(
        selection_read(&chosen, slice_of("service=$svc&severity=info&outcome!=failure"), &faults),
        OK);
    stats_pipeline(&out, &minutes, &view, slice_of("t1"));
    assert_string_equal(stats_collection(&minutes), "stats");
    assert_stage(&out, "0.$match",
                 "{ \"tenant\" : \"t1\", \"window\" : \"minute\", \"start\" : { \"$gte\" : { "
                 "\"$date\" : \"1970-01-01T00:00:00Z\" }, \"$lt\" : { \"$date\" : "
                 "\"1970-01-01T01:00:00Z\" } }, \"service\" : \"$svc\" }");
    assert_stage(&out, "1.$group._id",
                 "{ \"service\" : \"$service\", \"action\" : \"$action\", "
                 "\"window\" : \"$window\" }");
    assert_stage(&out, "1.$group.critical_none", "{ \"$sum\" : \"$cells.critical_none\" }");
    selection_done(&chosen);
    bson_destroy(&out);
}

TEST(logs_are_found_by_timestamp_and_counted_one_by_one)
{
    bson_t out = BSON_INITIALIZER;

    stats_pipeline(&out, &logs, &by_action, slice_of("t1"));
    assert_string_equal(stats_collection(&logs), "logs");
    assert_stage(&out, "0.$match",
                 "{ \"tenant\" : \"t1\", \"timestamp\" : { \"$gte\" : { \"$date\" : "
                 "\"1970-01-01T00:00:00Z\" }, \"$lt\" : { \"$date\" : "
                 "\"1970-01-01T00:00:00.500Z\" } } }");
    assert_stage(
        &out, "1.$group",
        "{ \"_id\" : { \"service\" : \"$service\", \"action\" : \"$action\", "
        "\"severity\" : \"$severity\", \"outcome\" : \"$outcome\" }, \"n\" : { \"$sum\" : 1 } }");
    bson_destroy(&out);
}

static void add_viewed(struct stats_groups *g, const struct stats_piece *piece,
                       const struct stats_view *view, const char *json)
{
    bson_error_t why;
    bson_t *row = bson_new_from_json((const uint8_t *)json, -1, &why);
    assert_non_null(row);
    stats_pipeline_row(piece, view, row, g);
    bson_destroy(row);
}

static void add_row(struct stats_groups *g, const struct stats_piece *piece, const char *json)
{
    add_viewed(g, piece, &by_action, json);
}

TEST(rows_of_every_kind_add_up)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    add_row(g, &minutes,
            "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":3,\"info_success\":2,"
            "\"error_failure\":{\"$numberLong\":\"7\"},\"warn_none\":0}");
    add_row(g, &minutes, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":1.0}");
    add_row(g, &logs,
            "{\"_id\":{\"service\":\"s\",\"action\":\"a\",\"severity\":\"critical\"},\"n\":4}");
    assert_int_equal(stats_groups_top(g, 10, &top), 1);
    assert_int_equal(top[0].count, 17);
    assert_int_equal(top[0].severity[SEVERITY_INFO], 6);
    assert_int_equal(top[0].severity[SEVERITY_WARN], 0);
    assert_int_equal(top[0].severity[SEVERITY_ERROR], 7);
    assert_int_equal(top[0].severity[SEVERITY_CRITICAL], 4);
}

TEST(rows_that_the_service_did_not_write_count_for_nothing)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    add_row(g, &minutes, "{\"_id\":{\"service\":1,\"action\":\"a\"},\"info_none\":3}");
    add_row(g, &minutes, "{\"_id\":null,\"info_none\":3}");
    add_row(g, &minutes, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":-3}");
    add_row(g, &minutes, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":\"3\"}");
    add_row(g, &logs, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"n\":3}");
    assert_int_equal(stats_groups_top(g, 10, &top), 0);
}

TEST(severities_and_outcomes_choose_cells_and_tell_them_apart)
{
    AUTO(stats_groups) g = stats_groups_new();
    struct selection chosen = {0};
    struct faults faults = {0};
    const struct stats_view view = {.chosen = &chosen, .by = {{BY_OUTCOME}, 1}};
    const struct stats_group *top;

    assert_int_equal(
        selection_read(&chosen, slice_of("severity!=warn&outcome=none&outcome=failure"), &faults),
        OK);
    add_viewed(g, &minutes, &view,
               "{\"_id\":{},\"info_none\":3,\"info_success\":20,\"warn_none\":100,"
               "\"error_failure\":2}");
    add_viewed(g, &logs, &view, "{\"_id\":{\"severity\":\"info\"},\"n\":4}");
    add_viewed(g, &logs, &view, "{\"_id\":{\"severity\":\"warn\"},\"n\":50}");
    add_viewed(g, &logs, &view,
               "{\"_id\":{\"severity\":\"info\",\"outcome\":\"success\"},\"n\":60}");
    assert_int_equal(stats_groups_top(g, 10, &top), 2);
    assert_true(slice_is(top[0].key.names[BY_OUTCOME], "none"));
    assert_int_equal(top[0].count, 7);
    assert_true(slice_is(top[1].key.names[BY_OUTCOME], "failure"));
    assert_int_equal(top[1].severity[SEVERITY_ERROR], 2);
    selection_done(&chosen);
}

TEST(rows_go_to_the_points_that_they_lie_in)
{
    AUTO(stats_groups) g = stats_groups_new();
    int64_t edges[] = {0, 3600000, 7200000};
    const struct stats_points points = {.edges = edges, .count = 2};
    const struct stats_view view = {.chosen = &all, .points = &points};
    const struct stats_group *top;

    add_viewed(g, &minutes, &view,
               "{\"_id\":{\"start\":{\"$date\":{\"$numberLong\":\"0\"}}},"
               "\"info_none\":3}");
    add_viewed(g, &minutes, &view,
               "{\"_id\":{\"start\":{\"$date\":{\"$numberLong\":\"3600000\"}}},\"info_none\":4}");
    add_viewed(g, &logs, &view, "{\"_id\":{\"severity\":\"warn\"},\"n\":5}");
    add_viewed(g, &minutes, &view, "{\"_id\":{\"start\":1},\"info_none\":100}");
    assert_int_equal(stats_groups_top(g, 10, &top), 2);
    assert_int_equal(top[0].count, 8);
    assert_int_equal(top[1].count, 4);
}

/* A row of 3 info, 20 info_success, 100 warn and 2 error_failure. */
static void add_total(struct stats_groups *g, const struct stats_view *view, const char *service,
                      int64_t start_ms)
{
    struct totals_row row = {
        .start_ms = start_ms, .service = slice_of(service), .action = slice_of("login")};

    row.cells.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = 3;
    row.cells.n[cell_of(SEVERITY_INFO, OUTCOME_SUCCESS)] = 20;
    row.cells.n[cell_of(SEVERITY_WARN, OUTCOME_NONE)] = 100;
    row.cells.n[cell_of(SEVERITY_ERROR, OUTCOME_FAILURE)] = 2;
    stats_pipeline_total(view, &row, g);
}

TEST(totals_are_counted_by_name)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    add_total(g, &by_action, "auth", 0);
    add_total(g, &by_action, "auth", 0);
    add_total(g, &by_action, "shop", 0);
    assert_int_equal(stats_groups_top(g, 10, &top), 2);
    assert_true(slice_is(top[0].key.names[BY_SERVICE], "auth"));
    assert_true(slice_is(top[0].key.names[BY_ACTION], "login"));
    assert_int_equal(top[0].count, 250);
    assert_int_equal(top[0].severity[SEVERITY_INFO], 46);
}

TEST(filters_choose_among_totals)
{
    static const struct {
        const char *query;
        uint64_t expected;
    } cases[] = {
        {"service=auth", 125},
        {"service!=auth", 125},
        {"service=auth&service=shop", 250},
        {"action=log*", 250},
        {"action=auth", 0},
        {"service=shop&action!=login", 0},
        {"service=shop&severity=info", 23},
        {"service=shop&severity=info&outcome=none", 3},
        {"outcome=*", 44},
        {"severity!=warn&outcome!=failure", 46},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int by_outcome = 0; by_outcome < 2; by_outcome++) {
            AUTO(stats_groups) g = stats_groups_new();
            struct selection chosen = {0};
            struct faults faults = {0};
            const struct stats_view view = {.chosen = &chosen,
                                            .by = {{BY_OUTCOME}, (size_t)by_outcome}};
            const struct stats_group *top;
            uint64_t sum = 0;

            assert_int_equal(selection_read(&chosen, slice_of(cases[i].query), &faults), OK);
            add_total(g, &view, "auth", 0);
            add_total(g, &view, "shop", 0);
            for (size_t n = stats_groups_top(g, 10, &top); n > 0; n--)
                sum += top[n - 1].count;
            assert_int_equal(sum, cases[i].expected);
            selection_done(&chosen);
        }
    }
}

TEST(totals_go_to_the_points_that_they_lie_in)
{
    AUTO(stats_groups) g = stats_groups_new();
    int64_t edges[] = {0, 3600000, 7200000};
    const struct stats_points points = {.edges = edges, .count = 2};
    const struct stats_view view = {.chosen = &all, .by = {{BY_SEVERITY}, 1}, .points = &points};
    const struct stats_group *top;

    add_total(g, &view, "auth", 0);
    add_total(g, &view, "auth", 3600000);
    add_total(g, &view, "shop", 3600000);
    assert_int_equal(stats_groups_top(g, 10, &top), 6);
    assert_int_equal(top[0].count, 100);
    assert_true(slice_is(top[0].key.names[BY_SEVERITY], "warn"));
    assert_int_equal(top[3].count, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_found_by_window_and_start),
        cmocka_unit_test(logs_are_found_by_timestamp_and_counted_one_by_one),
        cmocka_unit_test(rows_of_every_kind_add_up),
        cmocka_unit_test(rows_that_the_service_did_not_write_count_for_nothing),
        cmocka_unit_test(severities_and_outcomes_choose_cells_and_tell_them_apart),
        cmocka_unit_test(rows_go_to_the_points_that_they_lie_in),
        cmocka_unit_test(totals_are_counted_by_name),
        cmocka_unit_test(filters_choose_among_totals),
        cmocka_unit_test(totals_go_to_the_points_that_they_lie_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
