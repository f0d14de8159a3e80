/* SPDX-License-Identifier: MIT */
#include "gateway/totals_sum.h"

#include "tests/unit/test.h"

#include <stdio.h>

struct seen {
    size_t count;
    uint64_t sum, first_info;
    int64_t starts_ms[8];
    char names[8][64];
    size_t stop_after; /* 0: never */
};

static bool see(void *ctx, const struct totals_row *row)
{
    struct seen *seen = ctx;

    if (seen->count < 8) {
        seen->starts_ms[seen->count] = row->start_ms;
        snprintf(seen->names[seen->count], sizeof seen->names[0], "%.*s %.*s",
                 SLICE_ARG(row->service), SLICE_ARG(row->action));
    }
    if (seen->count == 0)
        seen->first_info = row->cells.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)];
    seen->count++;
    seen->sum += cells_total(&row->cells);
    return seen->count != seen->stop_after;
}

static bool add(struct totals_sum *s, const char *json)
{
    bson_error_t why;
    bson_t *total = bson_new_from_json((const uint8_t *)json, -1, &why);
    assert_non_null(total);
    bool more = totals_sum_add(s, total);
    bson_destroy(total);
    return more;
}

static const char day1[] = "{\"start\":{\"$date\":{\"$numberLong\":\"86400000\"}},\"rows\":{"
                           "\"a%2Eb|x%7Cy\":{\"in\":3,\"ef\":1},\"auth|login\":{\"ws\":2}}}";
static const char day2[] = "{\"start\":{\"$date\":{\"$numberLong\":\"172800000\"}},\"rows\":{"
                           "\"a%2Eb|x%7Cy\":{\"in\":{\"$numberLong\":\"5000000000\"}}}}";

TEST(rows_of_a_name_add_up)
{
    struct seen seen = {0};
    AUTO(totals_sum) s = totals_sum_new(false, see, &seen);

    assert_true(add(s, day1));
    assert_true(add(s, day2));
    assert_int_equal(seen.count, 0);
    assert_true(totals_sum_finish(s));
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.names[0], "a.b x|y");
    assert_string_equal(seen.names[1], "auth login");
    assert_int_equal(seen.first_info, 5000000003);
    assert_int_equal(seen.sum, 5000000006);
    assert_int_equal(seen.starts_ms[0], 0);
}

TEST(days_are_told_apart_when_asked)
{
    struct seen seen = {0};
    AUTO(totals_sum) s = totals_sum_new(true, see, &seen);

    add(s, day1);
    add(s, day2);
    add(s, day1);
    totals_sum_finish(s);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.first_info, 6);
    assert_int_equal(seen.starts_ms[0], 86400000);
    assert_string_equal(seen.names[2], "a.b x|y");
    assert_int_equal(seen.starts_ms[2], 172800000);
}

TEST(what_the_service_did_not_write_counts_for_nothing)
{
    struct seen seen = {0};
    AUTO(totals_sum) s = totals_sum_new(false, see, &seen);

    assert_true(add(s, "{\"rows\":{\"a|b\":{\"in\":1}}}"));
    assert_true(add(s, "{\"start\":1,\"rows\":{\"a|b\":{\"in\":1}}}"));
    assert_true(add(s, "{\"start\":{\"$date\":{\"$numberLong\":\"0\"}},\"rows\":{\"a\":{\"in\":1},"
                       "\"a|b\":{\"in\":-1,\"xx\":7,\"ws\":\"7\"},\"c|d\":5}}"));
    totals_sum_finish(s);
    assert_int_equal(seen.sum, 0);
}

TEST(memory_is_bounded_and_nothing_lost)
{
    enum { TOTALS = 3, ROWS = 40000 };
    struct seen seen = {0};
    AUTO(totals_sum) s = totals_sum_new(false, see, &seen);

    for (int t = 0; t < TOTALS; t++) {
        bson_t total = BSON_INITIALIZER, rows, row;
        char name[32];

        BSON_APPEND_DATE_TIME(&total, "start", 0);
        BSON_APPEND_DOCUMENT_BEGIN(&total, "rows", &rows);
        for (int i = 0; i < ROWS; i++) {
            snprintf(name, sizeof name, "s|%d-%d", t, i);
            BSON_APPEND_DOCUMENT_BEGIN(&rows, name, &row);
            BSON_APPEND_INT32(&row, "in", 1);
            bson_append_document_end(&rows, &row);
        }
        bson_append_document_end(&total, &rows);
        assert_true(totals_sum_add(s, &total));
        assert_true((t + 1) * ROWS - (int)seen.count < TOTALS_SUM_ROWS);
        bson_destroy(&total);
    }
    totals_sum_finish(s);
    assert_int_equal(seen.sum, TOTALS * ROWS);
}

TEST(a_reader_that_has_enough_is_heard)
{
    struct seen seen = {.stop_after = 1};
    AUTO(totals_sum) s = totals_sum_new(false, see, &seen);

    add(s, day1);
    assert_false(totals_sum_finish(s));
    assert_int_equal(seen.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_name_add_up),
        cmocka_unit_test(days_are_told_apart_when_asked),
        cmocka_unit_test(what_the_service_did_not_write_counts_for_nothing),
        cmocka_unit_test(memory_is_bounded_and_nothing_lost),
        cmocka_unit_test(a_reader_that_has_enough_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
