/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "indexer/stats_document.h"

#include <stdio.h>

static const int64_t day = INT64_C(86400000);

/* A record of one bucket: `count` events without an outcome, between `first` and `last`. */
static struct stats_bucket bucket(const char *service, const char *shard, uint64_t count,
                                  int64_t first, int64_t last)
{
    struct stats_bucket b = {slice_of("t1"), slice_of(service), slice_of("login"), {{0}}, {{0}}};

    for (int w = 0; w < WINDOW_COUNT; w++) {
        b.windows[w] = (struct stats_shard){
            .start_ms = window_start((enum window)w, first),
            .first_ms = first,
            .last_ms = last,
            .shard = slice_of(shard),
        };
        b.windows[w].cells.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = count;
    }
    return b;
}

static char *update_json(const struct stats_merge *m, size_t i, char **ret_selector)
{
    bson_t selector = BSON_INITIALIZER, update = BSON_INITIALIZER;
    char *text;

    stats_merge_update(m, i, &selector, &update);
    *ret_selector = bson_as_relaxed_extended_json(&selector, NULL);
    text = bson_as_relaxed_extended_json(&update, NULL);
    bson_destroy(&selector);
    bson_destroy(&update);
    return text;
}

static void assert_update(const struct stats_merge *m, size_t i, const char *selector,
                          const char *update)
{
    char *shown_selector, *shown = update_json(m, i, &shown_selector);

    assert_string_equal(shown_selector, selector);
    assert_string_equal(shown, update);
    bson_free(shown);
    bson_free(shown_selector);
}

TEST(a_record_becomes_three_shards)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket b = bucket("auth", "0:5:9", 3, 10 * day + 61000, 10 * day + 62000);

    stats_merge_add(m, &b);
    assert_int_equal(stats_merge_count(m), 3);
    assert_update(
        m, 0, "{ \"_id\" : \"t1|minute|1970-01-11T00:01:00.000Z|auth|login|0:5:9\" }",
        "{ \"$max\" : { \"cells.info_none\" : 3, \"lastAt\" : { \"$date\" : "
        "\"1970-01-11T00:01:02Z\" } }, \"$min\" : { \"firstAt\" : { \"$date\" : "
        "\"1970-01-11T00:01:01Z\" } }, \"$setOnInsert\" : { \"tenant\" : \"t1\", \"window\" : "
        "\"minute\", \"start\" : { \"$date\" : \"1970-01-11T00:01:00Z\" }, \"service\" : \"auth\", "
        "\"action\" : \"login\", \"shard\" : \"0:5:9\", \"expireAt\" : { \"$date\" : "
        "\"1970-04-11T00:01:00Z\" } } }");
}

TEST(hours_live_longer_and_days_for_ever)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket b = bucket("auth", "0:5:9", 3, 10 * day, 10 * day);
    char *selector, *update;

    stats_merge_add(m, &b);
    update = update_json(m, 1, &selector);
    assert_non_null(strstr(selector, "t1|hour|1970-01-11T00:00:00.000Z|auth"));
    assert_non_null(strstr(update, "\"expireAt\" : { \"$date\" : \"1971-02-15T00:00:00Z\" }"));
    bson_free(selector);
    bson_free(update);
    update = update_json(m, 2, &selector);
    assert_non_null(strstr(selector, "t1|day|1970-01-11T00:00:00.000Z|auth"));
    assert_null(strstr(update, "expireAt"));
    bson_free(selector);
    bson_free(update);
}

TEST(records_of_one_shard_merge_in_any_order)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket late = bucket("auth", "0:5:9", 7, 1000, 9000);
    struct stats_bucket early = bucket("auth", "0:5:9", 2, 3000, 4000);
    char *selector, *update;

    early.windows[0].cells.n[cell_of(SEVERITY_ERROR, OUTCOME_FAILURE)] = 1;
    stats_merge_add(m, &late);
    stats_merge_add(m, &early);
    assert_int_equal(stats_merge_count(m), 3);
    update = update_json(m, 0, &selector);
    assert_non_null(strstr(update, "\"cells.info_none\" : 7, \"cells.error_failure\" : 1"));
    assert_non_null(strstr(update, "\"firstAt\" : { \"$date\" : \"1970-01-01T00:00:01Z\" }"));
    assert_non_null(strstr(update, "\"lastAt\" : { \"$date\" : \"1970-01-01T00:00:09Z\" }"));
    bson_free(selector);
    bson_free(update);
}

TEST(shards_of_other_runs_or_services_stay_apart)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket a = bucket("auth", "0:5:9", 1, 0, 0);
    struct stats_bucket b = bucket("auth", "0:6:9", 1, 0, 0);
    struct stats_bucket c = bucket("billing", "0:5:9", 1, 0, 0);

    stats_merge_add(m, &a);
    stats_merge_add(m, &b);
    stats_merge_add(m, &c);
    assert_int_equal(stats_merge_count(m), 9);
}

TEST(many_shards_are_all_found_again)
{
    AUTO(stats_merge) m = stats_merge_new();
    char *selector, *update;

    for (int round = 1; round <= 2; round++) {
        for (int i = 0; i < 2000; i++) {
            char shard[32];
            struct stats_bucket b;

            snprintf(shard, sizeof shard, "0:%d:9", i);
            b = bucket("auth", shard, (uint64_t)round, 0, 0);
            stats_merge_add(m, &b);
        }
    }
    assert_int_equal(stats_merge_count(m), 6000);
    update = update_json(m, 5997, &selector);
    assert_non_null(strstr(selector, "|0:1999:9"));
    assert_non_null(strstr(update, "\"cells.info_none\" : 2"));
    bson_free(selector);
    bson_free(update);
}

TEST(a_cleared_merge_knows_nothing)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket big = bucket("auth", "0:5:9", 9, 0, 0);
    struct stats_bucket small = bucket("auth", "0:5:9", 1, 0, 0);
    char *selector, *update;

    stats_merge_add(m, &big);
    stats_merge_clear(m);
    assert_int_equal(stats_merge_count(m), 0);
    stats_merge_add(m, &small);
    update = update_json(m, 0, &selector);
    assert_non_null(strstr(update, "\"cells.info_none\" : 1,"));
    bson_free(selector);
    bson_free(update);
}

TEST(a_watermark_only_rises)
{
    bson_t selector = BSON_INITIALIZER, update = BSON_INITIALIZER;
    char *text;

    watermark_update(slice_of("t1"), 4, 5000, &selector, &update);
    text = bson_as_relaxed_extended_json(&selector, NULL);
    assert_string_equal(text, "{ \"_id\" : \"t1|4\" }");
    bson_free(text);
    text = bson_as_relaxed_extended_json(&update, NULL);
    assert_string_equal(text, "{ \"$max\" : { \"watermark\" : { \"$date\" : "
                              "\"1970-01-01T00:00:05Z\" } }, \"$setOnInsert\" : { \"tenant\" : "
                              "\"t1\", \"partition\" : 4 } }");
    bson_free(text);
    bson_destroy(&selector);
    bson_destroy(&update);
}

/* All of its count is of the last record. */
static struct stats_bucket first_bucket(const char *shard, uint64_t count)
{
    struct stats_bucket b = bucket("auth", shard, count, 10 * day, 10 * day);

    b.delta = b.windows[WINDOW_MINUTE].cells;
    return b;
}

TEST(a_shard_with_its_first_record_is_inserted_as_its_upsert_would_make_it)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket first = first_bucket("0:5:9", 3), later = first_bucket("0:5:9", 5);
    bson_t doc = BSON_INITIALIZER;
    char *text;

    later.delta.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = 2;
    stats_merge_add(m, &later);
    assert_false(stats_merge_is_first(m, 0));
    stats_merge_add(m, &first); /* in whatever order they come */
    assert_true(stats_merge_is_first(m, 0));
    stats_merge_document(m, 0, &doc);
    text = bson_as_relaxed_extended_json(&doc, NULL);
    assert_string_equal(
        text, "{ \"_id\" : \"t1|minute|1970-01-11T00:00:00.000Z|auth|login|0:5:9\", \"cells\" : { "
              "\"info_none\" : 5 }, \"lastAt\" : { \"$date\" : \"1970-01-11T00:00:00Z\" }, "
              "\"firstAt\" : { \"$date\" : \"1970-01-11T00:00:00Z\" }, \"tenant\" : \"t1\", "
              "\"window\" : \"minute\", \"start\" : { \"$date\" : \"1970-01-11T00:00:00Z\" }, "
              "\"service\" : \"auth\", \"action\" : \"login\", \"shard\" : \"0:5:9\", "
              "\"expireAt\" : { \"$date\" : \"1970-04-11T00:00:00Z\" } }");
    bson_free(text);
    bson_destroy(&doc);
}

/* The minute is new, its hour and its day are not. */
TEST(each_window_is_new_by_itself)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket b = first_bucket("0:5:9", 3);

    b.windows[WINDOW_HOUR].cells.n[cell_of(SEVERITY_CRITICAL, OUTCOME_NONE)] = 1;
    b.windows[WINDOW_DAY].cells.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = 4;
    stats_merge_add(m, &b);
    assert_true(stats_merge_is_first(m, 0));
    assert_false(stats_merge_is_first(m, 1));
    assert_false(stats_merge_is_first(m, 2));
}

TEST(a_shard_that_was_not_inserted_is_upserted)
{
    AUTO(stats_merge) m = stats_merge_new();
    struct stats_bucket b = first_bucket("0:5:9", 3);

    stats_merge_add(m, &b);
    stats_merge_inserted(m, 0, true);
    stats_merge_inserted(m, 1, false);
    assert_true(stats_merge_is_stored(m, 0));
    assert_false(stats_merge_is_stored(m, 1));
    assert_false(stats_merge_is_first(m, 1));
    assert_false(stats_merge_is_stored(m, 2));
    assert_true(stats_merge_is_first(m, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_becomes_three_shards),
        cmocka_unit_test(hours_live_longer_and_days_for_ever),
        cmocka_unit_test(records_of_one_shard_merge_in_any_order),
        cmocka_unit_test(shards_of_other_runs_or_services_stay_apart),
        cmocka_unit_test(many_shards_are_all_found_again),
        cmocka_unit_test(a_cleared_merge_knows_nothing),
        cmocka_unit_test(a_watermark_only_rises),
        cmocka_unit_test(a_shard_with_its_first_record_is_inserted_as_its_upsert_would_make_it),
        cmocka_unit_test(each_window_is_new_by_itself),
        cmocka_unit_test(a_shard_that_was_not_inserted_is_upserted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
