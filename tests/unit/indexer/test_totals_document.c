/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "indexer/totals_document.h"
#include "schemas/total.h"

#include <stdio.h>

#define CHUNK "28" /* of a.b, login */

static const int64_t day = INT64_C(86400000), hour = INT64_C(3600000);

/* Adds a record of `count` events at `ms`, which lies at `offset` of partition 3. */
static void add_action(struct totals *t, const char *action, int64_t offset, uint64_t count,
                       int64_t ms)
{
    struct stats_bucket b = {slice_of("t1"), slice_of("a.b"), slice_of(action), {{0}}, {{0}}};

    b.delta.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = count;
    for (int w = 0; w < WINDOW_COUNT; w++)
        b.windows[w].start_ms = window_start((enum window)w, ms);
    totals_add(t, (struct totals_place){3, offset, 1000 + offset}, &b);
}

static void add(struct totals *t, int64_t offset, uint64_t count, int64_t ms)
{
    add_action(t, "login", offset, count, ms);
}

static void assert_update(struct totals *t, size_t i, const char *selector, const char *update)
{
    bson_t selector_doc = BSON_INITIALIZER, update_doc = BSON_INITIALIZER;
    char *text;

    totals_update(t, i, &selector_doc, &update_doc);
    text = bson_as_relaxed_extended_json(&selector_doc, NULL);
    if (selector)
        assert_string_equal(text, selector);
    bson_free(text);
    text = bson_as_relaxed_extended_json(&update_doc, NULL);
    if (!strstr(text, update))
        assert_string_equal(text, update);
    bson_free(text);
    bson_destroy(&selector_doc);
    bson_destroy(&update_doc);
}

/* {positions: {"3": {o: offset, t: ms}}} */
static bool skip_to(struct totals *t, size_t i, int64_t offset, int64_t ms)
{
    bson_t *stored = BCON_NEW("positions", "{", "3", "{", "o", BCON_INT64(offset), "t",
                              BCON_DATE_TIME(ms), "}", "}");
    bool skipped = totals_skip_stored(t, i, stored);

    bson_destroy(stored);
    return skipped;
}

/* 1970-01-11 is a Sunday, the last day of the week that began on the 5th. */
TEST(a_record_is_added_to_its_hour_its_day_and_its_week)
{
    AUTO(totals) t = totals_new();

    add(t, 7, 2, 10 * day + 61000);
    assert_int_equal(totals_settle(t), 3);
    assert_update(
        t, 1,
        "{ \"_id\" : \"t1|day|1970-01-11T00:00:00.000Z|" CHUNK "\", \"$nor\" : [ { "
        "\"positions.3.o\" : { \"$gte\" : 7 }, \"positions.3.t\" : { \"$gte\" : { "
        "\"$date\" : \"1970-01-01T00:00:01.007Z\" } } } ] }",
        "{ \"$inc\" : { \"rows.a%2Eb|login.in\" : 2 }, \"$set\" : { \"positions.3.o\" : 7 "
        "}, \"$max\" : { \"positions.3.t\" : { \"$date\" : \"1970-01-01T00:00:01.007Z\" } "
        "}, \"$setOnInsert\" : { \"tenant\" : \"t1\", \"window\" : \"day\", \"start\" : { "
        "\"$date\" : \"1970-01-11T00:00:00Z\" } } }");
    assert_update(t, 0, NULL,
                  "\"window\" : \"hour\", \"start\" : { \"$date\" : \"1970-01-11T00:00:00Z\" }, "
                  "\"expireAt\" : { \"$date\" : \"1971-02-15T00:00:00Z\" } }");
    assert_true(slice_is(totals_id(t, 2), "t1|week|1970-01-05T00:00:00.000Z|" CHUNK));
    assert_update(
        t, 2, NULL,
        "\"window\" : \"week\", \"start\" : { \"$date\" : \"1970-01-05T00:00:00Z\" } } }");
}

TEST(records_of_one_total_become_one_update)
{
    AUTO(totals) t = totals_new();

    add(t, 7, 2, 0);
    add(t, 9, 3, 2 * hour);
    assert_int_equal(totals_settle(t), 4);
    assert_update(t, 2,
                  "{ \"_id\" : \"t1|day|1970-01-01T00:00:00.000Z|" CHUNK "\", \"$nor\" : [ { "
                  "\"positions.3.o\" : { \"$gte\" : 7 }, \"positions.3.t\" : { \"$gte\" : { "
                  "\"$date\" : \"1970-01-01T00:00:01.007Z\" } } } ] }",
                  "{ \"$inc\" : { \"rows.a%2Eb|login.in\" : 5 }, \"$set\" : { \"positions.3.o\" : "
                  "9 }, \"$max\" : { \"positions.3.t\" : { \"$date\" : "
                  "\"1970-01-01T00:00:01.009Z\" } }");
    assert_update(t, 1, NULL, "\"rows.a%2Eb|login.in\" : 3 }, \"$set\" : { \"positions.3.o\" : 9");
}

TEST(what_is_stored_already_is_left_out)
{
    AUTO(totals) t = totals_new();

    add(t, 7, 2, 0);
    add(t, 9, 3, 0);
    add(t, 10, 4, 0);
    totals_settle(t);
    assert_true(skip_to(t, 0, 9, 1009));
    assert_true(totals_is_open(t, 0));
    assert_update(t, 0, NULL,
                  "{ \"$inc\" : { \"rows.a%2Eb|login.in\" : 4 }, \"$set\" : { "
                  "\"positions.3.o\" : 10 }");
    assert_update(t, 1, NULL, "\"rows.a%2Eb|login.in\" : 9 }");
    assert_true(skip_to(t, 0, 20, 1020));
    assert_false(totals_is_open(t, 0));
    assert_true(totals_is_open(t, 1));
}

TEST(a_total_that_is_behind_is_left_nothing_out_of)
{
    AUTO(totals) t = totals_new();

    add(t, 7, 2, 0);
    totals_settle(t);
    assert_false(skip_to(t, 0, 6, 1006));
    assert_update(t, 0, NULL, "\"rows.a%2Eb|login.in\" : 2 }");
}

/* Its offsets are small again, its times are not. */
TEST(records_of_a_topic_made_anew_are_no_redelivery)
{
    AUTO(totals) t = totals_new();

    add(t, 7, 2, 0);
    totals_settle(t);
    assert_false(skip_to(t, 0, 500, 1006));
    assert_true(totals_is_open(t, 0));
}

TEST(partitions_have_positions_of_their_own)
{
    AUTO(totals) t = totals_new();
    struct stats_bucket b = {slice_of("t1"), slice_of("a.b"), slice_of("login"), {{0}}, {{0}}};

    add(t, 7, 2, 0);
    b.delta.n[0] = 5;
    totals_add(t, (struct totals_place){4, 7, 1}, &b);
    totals_settle(t);
    assert_update(t, 0, NULL, "\"$set\" : { \"positions.3.o\" : 7, \"positions.4.o\" : 7 }");
    assert_true(skip_to(t, 0, 7, 1007));
    assert_update(t, 0, NULL,
                  "{ \"$inc\" : { \"rows.a%2Eb|login.is\" : 5 }, \"$set\" : { "
                  "\"positions.4.o\" : 7 }");
}

TEST(counts_beyond_32_bits_are_whole)
{
    AUTO(totals) t = totals_new();

    add(t, 1, UINT64_C(5000000000), 0);
    totals_settle(t);
    assert_update(t, 0, NULL, "\"rows.a%2Eb|login.in\" : 5000000000");
}

TEST(a_record_that_adds_nothing_changes_nothing)
{
    AUTO(totals) t = totals_new();

    add(t, 1, 0, 0);
    assert_int_equal(totals_settle(t), 0);
}

static enum total_span span_of(struct slice id)
{
    for (int span = 0; span < TOTAL_SPAN_COUNT; span++)
        if (memmem(id.data, id.len, total_span_name((enum total_span)span),
                   strlen(total_span_name((enum total_span)span))))
            return (enum total_span)span;
    fail();
    return TOTAL_HOUR;
}

/* Whatever the actions, each total once, the hours first, and by id among those of one span. */
TEST(totals_are_written_the_finest_first_and_in_the_order_of_their_ids)
{
    AUTO(totals) t = totals_new();
    const size_t hours = 160, days = 320, all = 384; /* of 32 chunks, where they end */
    char action[16];
    size_t count;

    for (int i = 0; i < 3000; i++) {
        snprintf(action, sizeof action, "a%d", i % 300);
        add_action(t, action, i, 1, (int64_t)(i / 300 % 5) * day);
    }
    count = totals_settle(t);
    assert_int_equal(count, all);
    for (size_t i = 1; i < count; i++) {
        struct slice a = totals_id(t, i - 1), b = totals_id(t, i);

        assert_true(span_of(a) <= span_of(b));
        if (span_of(a) == span_of(b))
            assert_true(memcmp(a.data, b.data, a.len < b.len ? a.len : b.len) <= 0);
        assert_false(slice_eq(a, b));
    }
    assert_int_equal(totals_span_end(t, 0), hours);
    assert_int_equal(totals_span_end(t, hours - 1), hours);
    assert_int_equal(totals_span_end(t, hours), days);
    assert_int_equal(totals_span_end(t, days), all);
    for (size_t i = 0, at; i < hours; i++) {
        assert_true(totals_find(t, 0, hours, totals_id(t, i), &at));
        assert_int_equal(at, i);
        assert_false(totals_find(t, i + 1, hours, totals_id(t, i), &at));
        assert_false(totals_find(t, 0, i, totals_id(t, i), &at));
    }
    totals_clear(t);
    assert_int_equal(totals_settle(t), 0);
}

TEST(a_total_that_may_be_new_is_inserted_as_its_update_would_make_it)
{
    AUTO(totals) t = totals_new();
    bson_t doc = BSON_INITIALIZER;
    char *text;

    add(t, 7, 2, 61000);
    add_action(t, "logout", 8, 5000000000, 61000);
    add(t, 9, 1, 61000);
    for (size_t i = 0, count = totals_settle(t); i < count; i++) {
        if (!slice_is(totals_id(t, i), "t1|hour|1970-01-01T00:00:00.000Z|" CHUNK))
            continue;
        assert_true(totals_may_insert(t, i));
        totals_document(t, i, &doc);
        text = bson_as_relaxed_extended_json(&doc, NULL);
        assert_string_equal(
            text,
            "{ \"_id\" : \"t1|hour|1970-01-01T00:00:00.000Z|" CHUNK "\", \"tenant\" : \"t1\", "
            "\"window\" : \"hour\", \"start\" : { \"$date\" : \"1970-01-01T00:00:00Z\" }, "
            "\"expireAt\" : { \"$date\" : \"1971-02-05T00:00:00Z\" }, "
            "\"rows\" : { \"a%2Eb|login\" : { \"in\" : 3 } }, \"positions\" : { "
            "\"3\" : { \"o\" : 9, \"t\" : { \"$date\" : \"1970-01-01T00:00:01.009Z\" } } } }");
        assert_true(totals_position_has(&doc, (struct totals_place){3, 9, 1009}));
        assert_false(totals_position_has(&doc, (struct totals_place){3, 10, 1010}));
        bson_free(text);
    }
    bson_destroy(&doc);
}

TEST(a_total_that_is_there_is_not_inserted)
{
    AUTO(totals) t = totals_new();

    add(t, 7, 2, 0);
    totals_settle(t);
    totals_found(t, 0);
    assert_false(totals_may_insert(t, 0));
    assert_true(totals_is_open(t, 0));
    assert_true(totals_may_insert(t, 1));
    totals_close(t, 1);
    assert_false(totals_may_insert(t, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_added_to_its_hour_its_day_and_its_week),
        cmocka_unit_test(records_of_one_total_become_one_update),
        cmocka_unit_test(what_is_stored_already_is_left_out),
        cmocka_unit_test(a_total_that_may_be_new_is_inserted_as_its_update_would_make_it),
        cmocka_unit_test(a_total_that_is_there_is_not_inserted),
        cmocka_unit_test(a_total_that_is_behind_is_left_nothing_out_of),
        cmocka_unit_test(records_of_a_topic_made_anew_are_no_redelivery),
        cmocka_unit_test(partitions_have_positions_of_their_own),
        cmocka_unit_test(counts_beyond_32_bits_are_whole),
        cmocka_unit_test(a_record_that_adds_nothing_changes_nothing),
        cmocka_unit_test(totals_are_written_the_finest_first_and_in_the_order_of_their_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
