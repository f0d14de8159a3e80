/* SPDX-License-Identifier: MIT */
#include "schemas/stats.h"
#include "tests/unit/test.h"

static struct stats_bucket example(void)
{
    struct stats_bucket b = {
        .tenant = slice_of("default"),
        .service = slice_of("au|th \"x\""),
        .action = slice_of("user.login"),
        .windows =
            {
                {.start_ms = 1763805600000,
                 .first_ms = 1763805600001,
                 .last_ms = 1763805659999,
                 .shard = slice_of("3:120:1763805600500")},
                {.start_ms = 1763805600000,
                 .first_ms = -1,
                 .last_ms = 1763805659999,
                 .shard = slice_of("3:7:1763805600400")},
                {.start_ms = -86400000,
                 .first_ms = -86400000,
                 .last_ms = -1,
                 .shard = slice_of("3:0:1763805600300")},
            },
    };
    b.delta.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = 3;
    b.windows[WINDOW_MINUTE].cells.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = 5;
    b.windows[WINDOW_HOUR].cells.n[cell_of(SEVERITY_ERROR, OUTCOME_FAILURE)] = 6;
    b.windows[WINDOW_DAY].cells.n[cell_of(SEVERITY_CRITICAL, OUTCOME_SUCCESS)] = 1ULL << 62;
    return b;
}

TEST(a_bucket_is_written_as_the_contract_has_it)
{
    struct stats_bucket b = example();
    AUTO_BUF out = {0};
    stats_bucket_write(&out, &b);
    assert_string_equal(
        buf_text(&out),
        "{\"kind\":\"bucket\",\"tenant\":\"default\",\"service\":\"au|th "
        "\\\"x\\\"\",\"action\":\"user.login\","
        "\"delta\":{\"info_none\":3},"
        "\"minute\":{\"start\":\"2025-11-22T10:00:00.000Z\",\"shard\":\"3:120:1763805600500\","
        "\"cells\":{\"info_none\":5},\"firstAt\":\"2025-11-22T10:00:00.001Z\","
        "\"lastAt\":\"2025-11-22T10:00:59.999Z\"},"
        "\"hour\":{\"start\":\"2025-11-22T10:00:00.000Z\",\"shard\":\"3:7:1763805600400\","
        "\"cells\":{\"error_failure\":6},\"firstAt\":\"1969-12-31T23:59:59.999Z\","
        "\"lastAt\":\"2025-11-22T10:00:59.999Z\"},"
        "\"day\":{\"start\":\"1969-12-31T00:00:00.000Z\",\"shard\":\"3:0:1763805600300\","
        "\"cells\":{\"critical_success\":4611686018427387904},"
        "\"firstAt\":\"1969-12-31T00:00:00.000Z\",\"lastAt\":\"1969-12-31T23:59:59.999Z\"}}");
}

TEST(a_bucket_s_key_names_its_minute_and_the_minute_s_shard)
{
    struct stats_bucket b = example();
    AUTO_BUF out = {0};
    stats_bucket_key(&out, &b);
    assert_string_equal(buf_text(&out), "default|2025-11-22T10:00:00.000Z|au|th \"x\"|user.login|"
                                        "3:120:1763805600500");
}

static void assert_same_shard(const struct stats_shard *a, const struct stats_shard *b)
{
    assert_int_equal(a->start_ms, b->start_ms);
    assert_int_equal(a->first_ms, b->first_ms);
    assert_int_equal(a->last_ms, b->last_ms);
    assert_true(slice_eq(a->shard, b->shard));
    assert_memory_equal(&a->cells, &b->cells, sizeof a->cells);
}

TEST(a_bucket_comes_back_as_it_was_written)
{
    AUTO(stats_record) r = stats_record_new();
    struct stats_bucket b = example();
    AUTO_BUF out = {0};
    struct err err;
    enum stats_kind kind = STATS_META;
    for (int round = 0; round < 2; round++) {
        buf_clear(&out);
        stats_bucket_write(&out, &b);
        assert_int_equal(stats_record_read(r, buf_slice(&out), &kind, &err), OK);
        memset(out.data, 'x', out.len); /* the views are the record's own */
    }
    const struct stats_bucket *back = stats_record_bucket(r);
    assert_int_equal(kind, STATS_BUCKET);
    assert_true(slice_eq(back->tenant, b.tenant));
    assert_true(slice_eq(back->service, b.service));
    assert_true(slice_eq(back->action, b.action));
    assert_memory_equal(&back->delta, &b.delta, sizeof b.delta);
    for (int w = 0; w < WINDOW_COUNT; w++)
        assert_same_shard(&back->windows[w], &b.windows[w]);
}

TEST(a_meta_record_comes_back_as_it_was_written)
{
    AUTO(stats_record) r = stats_record_new();
    struct stats_meta m = {slice_of("t1"), 10, 2, 1, 1763805600123};
    AUTO_BUF out = {0};
    struct err err;
    enum stats_kind kind = STATS_BUCKET;
    stats_meta_write(&out, &m);
    assert_string_equal(
        buf_text(&out),
        "{\"kind\":\"meta\",\"tenant\":\"t1\",\"delta\":{\"processed\":10,\"rejected\":2,"
        "\"duplicates\":1},\"watermark\":\"2025-11-22T10:00:00.123Z\"}");
    assert_int_equal(stats_record_read(r, buf_slice(&out), &kind, &err), OK);
    const struct stats_meta *back = stats_record_meta(r);
    assert_int_equal(kind, STATS_META);
    assert_true(slice_is(back->tenant, "t1"));
    assert_int_equal(back->processed, 10);
    assert_int_equal(back->rejected, 2);
    assert_int_equal(back->duplicates, 1);
    assert_int_equal(back->watermark_ms, 1763805600123);
}

static enum result read_text(const char *json)
{
    AUTO(stats_record) r = stats_record_new();
    enum stats_kind kind;
    struct err err;
    return stats_record_read(r, slice_of(json), &kind, &err);
}

TEST(what_is_no_stats_record_is_refused)
{
    static const char *const texts[] = {
        "",
        "garbage",
        "[]",
        "[[\"kind\"]]",
        "{}",
        "{\"kind\":1}",
        "{\"kind\":\"other\"}",
        "{\"kind\":\"bucket\"}",
        "{\"kind\":\"meta\",\"tenant\":\"t\",\"delta\":{\"processed\":-1,\"rejected\":0,"
        "\"duplicates\":0},"
        "\"watermark\":\"2026-01-01\"}",
        "{\"kind\":\"meta\",\"tenant\":\"t\",\"delta\":{\"processed\":1.5,\"rejected\":0,"
        "\"duplicates\":0},"
        "\"watermark\":\"2026-01-01\"}",
        "{\"kind\":\"meta\",\"tenant\":\"t\",\"delta\":{\"processed\":1,\"rejected\":0,"
        "\"duplicates\":0},"
        "\"watermark\":\"yesterday\"}",
        "{\"kind\":\"meta\",\"tenant\":\"t\",\"delta\":{\"processed\":1,\"rejected\":0},"
        "\"watermark\":\"2026-01-01\"}",
        "{\"kind\":\"meta\",\"tenant\":7,\"delta\":{\"processed\":1,\"rejected\":0,\"duplicates\":"
        "0},"
        "\"watermark\":\"2026-01-01\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(read_text(texts[i]), REJECT);
}

TEST(a_bucket_with_an_unknown_cell_is_refused)
{
    struct stats_bucket b = example();
    AUTO_BUF out = {0};
    stats_bucket_write(&out, &b);
    assert_int_equal(read_text(buf_text(&out)), OK);
    char *cell = strstr(out.data, "error_failure");
    assert_non_null(cell);
    cell[0] = 'E';
    assert_int_equal(read_text(buf_text(&out)), REJECT);
}

TEST(a_member_from_the_future_is_overlooked)
{
    assert_int_equal(
        read_text("{\"kind\":\"meta\",\"new\":[{}],\"tenant\":\"t\",\"delta\":{\"processed\":1,"
                  "\"rejected\":0,"
                  "\"duplicates\":0,\"new\":\"x\"},\"watermark\":\"2026-01-01T00:00:00.000Z\"}"),
        OK);
}

TEST(members_may_come_in_any_order_and_the_last_of_a_name_counts)
{
    AUTO(stats_record) r = stats_record_new();
    enum stats_kind kind;
    struct err err;
    const char *json =
        "{\"watermark\":7,\"delta\":{\"duplicates\":3,\"rejected\":2,\"processed\":9,"
        "\"processed\":1},\"tenant\":\"t\",\"kind\":\"meta\",\"tenant\":\"u\","
        "\"watermark\":\"2025-11-22T10:00:00.123Z\"}";
    assert_int_equal(stats_record_read(r, slice_of(json), &kind, &err), OK);
    const struct stats_meta *m = stats_record_meta(r);
    assert_true(slice_is(m->tenant, "u"));
    assert_int_equal(m->processed, 1);
    assert_int_equal(m->rejected, 2);
    assert_int_equal(m->duplicates, 3);
    assert_int_equal(m->watermark_ms, 1763805600123);
}

TEST(every_cell_has_a_name_that_leads_back)
{
    size_t cell = 99;
    for (size_t i = 0; i < CELL_COUNT; i++) {
        assert_true(cell_parse(slice_of(cell_name(i)), &cell));
        assert_int_equal(cell, i);
    }
    assert_string_equal(cell_name(cell_of(SEVERITY_WARN, OUTCOME_FAILURE)), "warn_failure");
    assert_false(cell_parse(slice_of("info"), &cell));
    assert_false(cell_parse(slice_of(""), &cell));
}

TEST(cells_add_up)
{
    struct cells a = {{1, 2, 3}}, b = {{10, 0, 0, 4}};
    cells_add(&a, &b);
    assert_int_equal(a.n[0], 11);
    assert_int_equal(a.n[3], 4);
    assert_int_equal(cells_total(&a), 20);
}

TEST(a_window_begins_at_or_before_its_time_also_before_1970)
{
    assert_int_equal(window_start(WINDOW_MINUTE, 0), 0);
    assert_int_equal(window_start(WINDOW_MINUTE, 59999), 0);
    assert_int_equal(window_start(WINDOW_MINUTE, 60000), 60000);
    assert_int_equal(window_start(WINDOW_MINUTE, -1), -60000);
    assert_int_equal(window_start(WINDOW_MINUTE, -60000), -60000);
    assert_int_equal(window_start(WINDOW_HOUR, -3600001), -7200000);
    assert_int_equal(window_start(WINDOW_DAY, -1), -86400000);
    assert_int_equal(window_start(WINDOW_DAY, 1763805600123), 1763769600000);
    assert_int_equal(window_start(WINDOW_DAY, -62167219200000), -62167219200000);
}

TEST(windows_have_names_and_lengths)
{
    assert_string_equal(window_name(WINDOW_MINUTE), "minute");
    assert_string_equal(window_name(WINDOW_HOUR), "hour");
    assert_string_equal(window_name(WINDOW_DAY), "day");
    assert_int_equal(window_length_ms(WINDOW_MINUTE), 60000);
    assert_int_equal(window_length_ms(WINDOW_HOUR), 3600000);
    assert_int_equal(window_length_ms(WINDOW_DAY), 86400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_is_written_as_the_contract_has_it),
        cmocka_unit_test(a_bucket_s_key_names_its_minute_and_the_minute_s_shard),
        cmocka_unit_test(a_bucket_comes_back_as_it_was_written),
        cmocka_unit_test(a_meta_record_comes_back_as_it_was_written),
        cmocka_unit_test(what_is_no_stats_record_is_refused),
        cmocka_unit_test(a_bucket_with_an_unknown_cell_is_refused),
        cmocka_unit_test(a_member_from_the_future_is_overlooked),
        cmocka_unit_test(members_may_come_in_any_order_and_the_last_of_a_name_counts),
        cmocka_unit_test(every_cell_has_a_name_that_leads_back),
        cmocka_unit_test(cells_add_up),
        cmocka_unit_test(a_window_begins_at_or_before_its_time_also_before_1970),
        cmocka_unit_test(windows_have_names_and_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
