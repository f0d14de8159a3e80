/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/mem.h"
#include "indexer/intake.h"

static void take(struct batch *b, enum stream stream, struct slice value)
{
    AUTO(intake) in = intake_new(90);
    rd_kafka_message_t *message = NULL;

    intake_add(in, b, (struct position){stream, 0, 5}, &message, value);
    assert_int_equal(b->ends[0].offset, 6);
}

static void take_bucket(struct batch *b)
{
    AUTO_BUF json = {0};
    struct stats_bucket bucket = {slice_of("t"), slice_of("s"), slice_of("a"), {{1}}, {{0}}};

    for (int w = 0; w < WINDOW_COUNT; w++) {
        bucket.windows[w].shard = slice_of("0:1:2");
        bucket.windows[w].cells.n[0] = 1;
    }
    stats_bucket_write(&json, &bucket);
    take(b, STREAM_STATS, buf_slice(&json));
}

TEST(a_log_becomes_a_document)
{
    AUTO(batch) b = batch_new();

    take(b, STREAM_LOGS,
         slice_of("{\"_id\":\"a\",\"hash\":\"0\",\"src\":\"0:0:0\",\"tenant\":\"t\",\"service\":"
                  "\"s\",\"action\":\"a\",\"severity\":\"info\",\"timestamp\":\"2026-11-22\","
                  "\"createdAt\":\"2026-11-22\"}"));
    assert_int_equal(b->entries[0].fate, FATE_OPEN);
    assert_non_null(b->entries[0].doc);
}

TEST(what_cannot_be_read_becomes_a_dead_letter)
{
    AUTO(batch) b = batch_new();

    take(b, STREAM_LOGS, slice_of("garbage"));
    assert_int_equal(b->entries[0].fate, FATE_DEAD);
    assert_null(b->entries[0].doc);
    assert_memory_equal(b->entries[0].why, "malformed_json: ", 16);
}

TEST(a_record_without_a_value_becomes_a_dead_letter)
{
    AUTO(batch) b = batch_new();

    take(b, STREAM_LOGS, slice_make(NULL, 0));
    take(b, STREAM_STATS, slice_make(NULL, 0));
    assert_int_equal(b->entries[0].fate, FATE_DEAD);
    assert_int_equal(b->entries[1].fate, FATE_DEAD);
}

TEST(a_stats_record_is_merged)
{
    AUTO(batch) b = batch_new();

    take_bucket(b);
    take_bucket(b);
    assert_int_equal(b->count, 0);
    assert_int_equal(b->stats_records, 2);
    assert_int_equal(stats_merge_count(b->stats), 3);
}

TEST(a_meta_record_moves_the_watermark)
{
    AUTO(batch) b = batch_new();
    AUTO_BUF json = {0};
    struct stats_meta meta = {.tenant = slice_of("t"), .processed = 3, .watermark_ms = 77};

    stats_meta_write(&json, &meta);
    take(b, STREAM_STATS, buf_slice(&json));
    assert_int_equal(b->watermark_count, 1);
    assert_int_equal(b->watermarks[0].ms, 77);
}

TEST(what_is_no_stats_record_becomes_a_dead_letter)
{
    AUTO(batch) b = batch_new();
    char *huge = mem_zalloc(100000);

    take(b, STREAM_STATS, slice_of("{\"kind\":\"bucket\"}"));
    take(b, STREAM_STATS, slice_of("7"));
    take(b, STREAM_STATS, slice_make(huge, 100000));
    free(huge);
    assert_int_equal(b->count, 3);
    assert_memory_equal(b->entries[0].why, "validation_error: ", 18);
    assert_memory_equal(b->entries[1].why, "validation_error: ", 18);
    assert_memory_equal(b->entries[2].why, "too_large: ", 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_becomes_a_document),
        cmocka_unit_test(what_cannot_be_read_becomes_a_dead_letter),
        cmocka_unit_test(a_record_without_a_value_becomes_a_dead_letter),
        cmocka_unit_test(a_stats_record_is_merged),
        cmocka_unit_test(a_meta_record_moves_the_watermark),
        cmocka_unit_test(what_is_no_stats_record_becomes_a_dead_letter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
