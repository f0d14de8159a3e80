/* SPDX-License-Identifier: MIT */
#include "processor/feeds.h"

#include "tests/unit/test.h"

#include "schemas/stats.h"

static const char meta[] = "{\"kind\":\"meta\",\"tenant\":\"t\",\"delta\":{\"processed\":1,"
                           "\"rejected\":0,\"duplicates\":0},"
                           "\"watermark\":\"2026-11-23T10:05:00.000Z\"}";
static const char enriched[] =
    "{\"_id\":\"x\",\"hash\":\"0123456789abcdef\",\"src\":\"0:1:2\",\"tenant\":\"t\","
    "\"service\":\"s\",\"action\":\"a\",\"userId\":\"u\",\"severity\":\"info\","
    "\"timestamp\":\"2026-11-23T10:05:00.000Z\"}";

static enum result take(struct feed *feed, const char *value, int64_t offset)
{
    AUTO(stats_record) reader = stats_record_new();
    const struct feed_record record = {.value = slice_of(value), .offset = offset};
    struct err err;

    return feed_take(feed, reader, &record, &err);
}

TEST(feeds_are_found_by_topic_and_partition)
{
    AUTO(feeds) f = feeds_new();
    const struct feed *stats = feeds_add(f, FEED_STATS, "logs-stats", 1);
    const struct feed *other = feeds_add(f, FEED_ENRICHED, "logs-enriched", 1);

    assert_ptr_equal(feeds_find(f, "logs-stats", 1), stats);
    assert_ptr_equal(feeds_find(f, "logs-enriched", 1), other);
    assert_null(feeds_find(f, "logs-stats", 11));
    assert_null(feeds_find(f, "logs", 1));
    assert_string_equal(stats->field, "logs-stats:1");
}

TEST(a_slice_ends_behind_its_last_record)
{
    AUTO(feeds) f = feeds_new();
    struct feed *feed = feeds_add(f, FEED_STATS, "logs-stats", 0);

    feed_begin(feed, 5);
    assert_int_equal(take(feed, meta, 7), OK);
    assert_int_equal(feed->expected, 5);
    assert_int_equal(feed->next, 8);
    assert_true(tally_entries(feed->tally) > 0);
    feed_applied(feed);
    assert_int_equal(feed->expected, 8);
    assert_int_equal(tally_entries(feed->tally), 0);
}

TEST(markers_at_the_end_are_passed_and_never_taken_back)
{
    AUTO(feeds) f = feeds_new();
    struct feed *feed = feeds_add(f, FEED_STATS, "logs-stats", 0);

    feed_begin(feed, 5);
    feed_reach(feed, 9);
    assert_int_equal(feed->next, 9);
    feed_reach(feed, 6);
    assert_int_equal(feed->next, 9);
}

TEST(a_foreign_record_is_passed_over)
{
    AUTO(feeds) f = feeds_new();
    struct feed *stats = feeds_add(f, FEED_STATS, "logs-stats", 0);
    struct feed *users = feeds_add(f, FEED_ENRICHED, "logs-enriched", 0);

    assert_int_equal(take(stats, "garbage", 3), REJECT);
    assert_int_equal(stats->next, 4);
    assert_int_equal(take(users, "{\"tenant\":\"t\"}", 3), REJECT);
    assert_int_equal(take(users, enriched, 4), OK);
    assert_int_equal(users->next, 5);
    assert_int_equal(tally_entries(users->tally), 3);
}

TEST(a_slice_is_full_at_its_last_record)
{
    AUTO(feeds) f = feeds_new();
    struct feed *feed = feeds_add(f, FEED_STATS, "logs-stats", 0);

    for (int i = 0; i < FEED_RECORDS; i++) {
        assert_false(feed_is_full(feed));
        take(feed, meta, i);
    }
    assert_true(feed_is_full(feed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feeds_are_found_by_topic_and_partition),
        cmocka_unit_test(a_slice_ends_behind_its_last_record),
        cmocka_unit_test(markers_at_the_end_are_passed_and_never_taken_back),
        cmocka_unit_test(a_foreign_record_is_passed_over),
        cmocka_unit_test(a_slice_is_full_at_its_last_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
