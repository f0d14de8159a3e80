/* SPDX-License-Identifier: MIT */
#include "schemas/total.h"

#include "common/iso8601.h"
#include "tests/unit/test.h"

#include <stdio.h>

static void assert_row(struct slice service, struct slice action, const char *name)
{
    AUTO_BUF out = {0};
    AUTO_BUF arena = {0};
    struct slice service_back, action_back;

    total_row_name(&out, service, action);
    assert_true(slice_is(buf_slice(&out), name));
    assert_true(total_row_parse(buf_slice(&out), &arena, &service_back, &action_back));
    assert_true(slice_eq(service_back, service));
    assert_true(slice_eq(action_back, action));
}

TEST(a_row_is_named_after_its_service_and_action)
{
    assert_row(slice_of("auth"), slice_of("login"), "auth|login");
    assert_row(slice_of("über"), slice_of("日本 x"), "über|日本 x");
}

TEST(what_means_something_in_a_field_name_is_encoded)
{
    assert_row(slice_of("a.b"), slice_of("$set"), "a%2Eb|%24set");
    assert_row(slice_of("a|b"), slice_of("100%"), "a%7Cb|100%25");
    assert_row(slice_of("%2E"), slice_of("."), "%252E|%2E");
    assert_row(slice_make("a\0b", 3), slice_of("x"), "a%00b|x");
}

/* Names that would meet if '|' were not encoded. */
TEST(rows_of_different_names_have_different_names)
{
    assert_row(slice_of("a|b"), slice_of("c"), "a%7Cb|c");
    assert_row(slice_of("a"), slice_of("b|c"), "a|b%7Cc");
}

TEST(what_is_no_row_is_not_read)
{
    AUTO_BUF arena = {0};
    struct slice service, action;

    assert_false(total_row_parse(slice_of("auth"), &arena, &service, &action));
}

static void assert_week(const char *time, const char *monday)
{
    int64_t ms, start_ms;

    assert_true(iso8601_parse(slice_of(time), &ms));
    assert_true(iso8601_parse(slice_of(monday), &start_ms));
    assert_int_equal(total_span_start(TOTAL_WEEK, ms), start_ms);
}

TEST(a_week_begins_on_monday)
{
    assert_week("2026-11-24T16:00:00.000Z", "2026-11-23T00:00:00.000Z");
    assert_week("2026-11-23T00:00:00.000Z", "2026-11-23T00:00:00.000Z");
    assert_week("2026-11-22T23:59:59.999Z", "2026-11-16T00:00:00.000Z");
    assert_week("1970-01-01T00:00:00.000Z", "1969-12-29T00:00:00.000Z");
    assert_week("1969-12-28T12:00:00.000Z", "1969-12-22T00:00:00.000Z");
}

TEST(days_and_hours_begin_as_those_of_buckets_do)
{
    static const int64_t times[] = {0, -1, 1795190400123, -86400001};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        assert_int_equal(total_span_start(TOTAL_HOUR, times[i]),
                         window_start(WINDOW_HOUR, times[i]));
        assert_int_equal(total_span_start(TOTAL_DAY, times[i]), window_start(WINDOW_DAY, times[i]));
    }
}

TEST(every_cell_has_a_name_of_its_own)
{
    size_t found;

    for (size_t cell = 0; cell < CELL_COUNT; cell++) {
        const char *full = cell_name(cell), *brief = total_cell_name(cell);

        assert_int_equal(brief[0], full[0]);
        assert_int_equal(brief[1], strchr(full, '_')[1]);
        assert_true(total_cell_parse(slice_of(brief), &found));
        assert_int_equal(found, cell);
    }
    assert_false(total_cell_parse(slice_of("xx"), &found));
}

/* A row that moved to another chunk would be counted right, and look wrong. */
TEST(the_chunk_of_a_row_is_always_the_same)
{
    unsigned seen[TOTAL_CHUNKS] = {0}, chunk;
    char action[16];

    assert_int_equal(total_chunk(slice_of("auth"), slice_of("login")), 10);
    for (int i = 0; i < 100 * TOTAL_CHUNKS; i++) {
        snprintf(action, sizeof action, "a%d", i);
        chunk = total_chunk(slice_of("auth"), slice_of(action));
        assert_true(chunk < TOTAL_CHUNKS);
        seen[chunk]++;
    }
    for (int i = 0; i < TOTAL_CHUNKS; i++)
        assert_in_range(seen[i], 50, 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_named_after_its_service_and_action),
        cmocka_unit_test(what_means_something_in_a_field_name_is_encoded),
        cmocka_unit_test(rows_of_different_names_have_different_names),
        cmocka_unit_test(what_is_no_row_is_not_read),
        cmocka_unit_test(a_week_begins_on_monday),
        cmocka_unit_test(days_and_hours_begin_as_those_of_buckets_do),
        cmocka_unit_test(every_cell_has_a_name_of_its_own),
        cmocka_unit_test(the_chunk_of_a_row_is_always_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
