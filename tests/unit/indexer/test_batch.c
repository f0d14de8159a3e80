/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "indexer/batch.h"

static void add_document(struct batch *b, enum stream stream, int32_t partition, int64_t offset)
{
    rd_kafka_message_t *message = NULL;
    bson_t *doc = bson_new();

    batch_add_document(b, (struct position){stream, partition, offset}, &doc, &message);
    assert_null(doc);
}

static void add_dead(struct batch *b, int64_t offset)
{
    rd_kafka_message_t *message = NULL;

    batch_add_dead(b, (struct position){STREAM_LOGS, 0, offset}, "malformed_json: no", &message);
}

static void add_watermark(struct batch *b, const char *tenant, int32_t partition, int64_t ms)
{
    struct stats_meta meta = {.tenant = slice_of(tenant), .watermark_ms = ms};

    batch_add_meta(b, (struct position){STREAM_STATS, partition, 1}, &meta);
}

TEST(offsets_to_commit_are_one_past_the_last_of_each_partition)
{
    AUTO(batch) b = batch_new();

    add_document(b, STREAM_LOGS, 1, 10);
    add_document(b, STREAM_LOGS, 2, 7);
    add_dead(b, 3);
    add_document(b, STREAM_LOGS, 1, 14);
    add_watermark(b, "t", 1, 5);
    assert_int_equal(b->end_count, 4);
    assert_int_equal(b->ends[0].offset, 15);
    assert_int_equal(b->ends[1].offset, 8);
    assert_int_equal(b->ends[2].offset, 4);
    assert_int_equal(b->ends[3].stream, STREAM_STATS);
    assert_int_equal(b->ends[3].offset, 2);
}

TEST(an_end_passes_what_is_no_record)
{
    AUTO(batch) b = batch_new();

    add_document(b, STREAM_LOGS, 1, 10);
    batch_add_end(b, (struct position){STREAM_LOGS, 1, 12});
    assert_int_equal(b->end_count, 1);
    assert_int_equal(b->ends[0].offset, 12);
}

TEST(a_batch_with_only_an_end_is_idle_but_not_empty)
{
    AUTO(batch) b = batch_new();

    assert_true(batch_empty(b));
    batch_add_end(b, (struct position){STREAM_LOGS, 1, 12});
    assert_false(batch_empty(b));
    assert_true(batch_idle(b));
    add_dead(b, 12);
    assert_false(batch_idle(b));
}

TEST(it_is_full_at_its_number_of_entries)
{
    AUTO(batch) b = batch_new();

    for (int i = 0; i < BATCH_ENTRIES; i++) {
        assert_false(batch_full(b));
        add_document(b, STREAM_LOGS, 0, i);
    }
    assert_true(batch_full(b));
    batch_clear(b);
    assert_false(batch_full(b));
    assert_true(batch_empty(b));
}

TEST(it_is_full_at_its_bytes)
{
    AUTO(batch) b = batch_new();
    size_t len = 1000 * (size_t)1024;

    for (int i = 0; i < 9; i++) {
        rd_kafka_message_t *message = NULL;
        bson_t *doc = bson_sized_new(len + 64);
        char *text = calloc(1, len);

        assert_false(batch_full(b));
        bson_append_utf8(doc, "a", 1, text, (int)len);
        batch_add_document(b, (struct position){STREAM_LOGS, 0, i}, &doc, &message);
        free(text);
    }
    assert_true(batch_full(b));
}

TEST(the_highest_watermark_of_a_tenant_and_partition_is_kept)
{
    AUTO(batch) b = batch_new();

    add_watermark(b, "t1", 0, 5);
    add_watermark(b, "t1", 0, 9);
    add_watermark(b, "t1", 0, 7);
    add_watermark(b, "t1", 1, 1);
    add_watermark(b, "t2", 0, 2);
    assert_int_equal(b->watermark_count, 3);
    assert_int_equal(b->watermarks[0].ms, 9);
    assert_int_equal(b->watermarks[1].partition, 1);
    assert_string_equal(b->watermarks[2].tenant, "t2");
}

TEST(burying_says_why_and_the_last_word_counts)
{
    AUTO(batch) b = batch_new();

    add_document(b, STREAM_LOGS, 0, 1);
    assert_int_equal(b->entries[0].fate, FATE_OPEN);
    entry_bury(&b->entries[0], "store_refused: %d", 2);
    entry_bury(&b->entries[0], "id_conflict: %s", "other content");
    assert_int_equal(b->entries[0].fate, FATE_DEAD);
    assert_string_equal(b->entries[0].why, "id_conflict: other content");
}

TEST(a_suspect_stays_open_with_its_reason)
{
    AUTO(batch) b = batch_new();

    add_document(b, STREAM_LOGS, 0, 1);
    b->entries[0].fate = FATE_EXISTS;
    entry_suspect(&b->entries[0], "store_refused: %d", 8000);
    assert_int_equal(b->entries[0].fate, FATE_OPEN);
    assert_true(b->entries[0].suspect);
    assert_string_equal(b->entries[0].why, "store_refused: 8000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_to_commit_are_one_past_the_last_of_each_partition),
        cmocka_unit_test(an_end_passes_what_is_no_record),
        cmocka_unit_test(a_batch_with_only_an_end_is_idle_but_not_empty),
        cmocka_unit_test(it_is_full_at_its_number_of_entries),
        cmocka_unit_test(it_is_full_at_its_bytes),
        cmocka_unit_test(the_highest_watermark_of_a_tenant_and_partition_is_kept),
        cmocka_unit_test(burying_says_why_and_the_last_word_counts),
        cmocka_unit_test(a_suspect_stays_open_with_its_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
