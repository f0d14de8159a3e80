/* SPDX-License-Identifier: MIT */
#include "gateway/stats_pipeline.h"

#include "tests/unit/test.h"

#include <stdio.h>

static const struct stats_piece hours = {FROM_HOURS, 0, 3600000}, logs = {FROM_LOGS, 0, 500};

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

    stats_pipeline(&out, &hours, slice_of("t1"), slice_of("$svc"));
    assert_string_equal(stats_collection(&hours), "stats");
    assert_stage(&out, "0.$match",
                 "{ \"tenant\" : \"t1\", \"window\" : \"hour\", \"start\" : { \"$gte\" : { "
                 "\"$date\" : \"1970-01-01T00:00:00Z\" }, \"$lt\" : { \"$date\" : "
                 "\"1970-01-01T01:00:00Z\" } }, \"service\" : \"$svc\" }");
    assert_stage(&out, "1.$group._id", "{ \"service\" : \"$service\", \"action\" : \"$action\" }");
    assert_stage(&out, "1.$group.critical_none", "{ \"$sum\" : \"$cells.critical_none\" }");
    bson_destroy(&out);
}

TEST(logs_are_found_by_timestamp_and_counted_one_by_one)
{
    bson_t out = BSON_INITIALIZER;

    stats_pipeline(&out, &logs, slice_of("t1"), (struct slice){NULL, 0});
    assert_string_equal(stats_collection(&logs), "logs");
    assert_stage(&out, "0.$match",
                 "{ \"tenant\" : \"t1\", \"timestamp\" : { \"$gte\" : { \"$date\" : "
                 "\"1970-01-01T00:00:00Z\" }, \"$lt\" : { \"$date\" : "
                 "\"1970-01-01T00:00:00.500Z\" } } }");
    assert_stage(&out, "1.$group",
                 "{ \"_id\" : { \"service\" : \"$service\", \"action\" : \"$action\", "
                 "\"severity\" : \"$severity\" }, \"n\" : { \"$sum\" : 1 } }");
    bson_destroy(&out);
}

static void add_row(struct stats_groups *g, const struct stats_piece *piece, const char *json)
{
    bson_error_t why;
    bson_t *row = bson_new_from_json((const uint8_t *)json, -1, &why);
    assert_non_null(row);
    stats_pipeline_row(piece, row, g);
    bson_destroy(row);
}

TEST(rows_of_every_kind_add_up)
{
    AUTO(stats_groups) g = stats_groups_new();
    const struct stats_group *top;

    add_row(g, &hours,
            "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":3,\"info_success\":2,"
            "\"error_failure\":{\"$numberLong\":\"7\"},\"warn_none\":0}");
    add_row(g, &hours, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":1.0}");
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

    add_row(g, &hours, "{\"_id\":{\"service\":1,\"action\":\"a\"},\"info_none\":3}");
    add_row(g, &hours, "{\"_id\":null,\"info_none\":3}");
    add_row(g, &hours, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":-3}");
    add_row(g, &hours, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"info_none\":\"3\"}");
    add_row(g, &logs, "{\"_id\":{\"service\":\"s\",\"action\":\"a\"},\"n\":3}");
    assert_int_equal(stats_groups_top(g, 10, &top), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_found_by_window_and_start),
        cmocka_unit_test(logs_are_found_by_timestamp_and_counted_one_by_one),
        cmocka_unit_test(rows_of_every_kind_add_up),
        cmocka_unit_test(rows_that_the_service_did_not_write_count_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
