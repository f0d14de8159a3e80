/* SPDX-License-Identifier: MIT */
#include "processor/shards.h"

#include "tests/unit/test.h"

#include <stdio.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* What was emitted, as far as the tests ask. */
struct seen {
    size_t count;
    uint64_t delta, minute, hour, day;
    char shards[WINDOW_COUNT][64], action[64];
    int64_t first_ms, last_ms;
    int fail_at; /* 0: never */
};

static enum result see(void *ctx, const struct stats_bucket *b, struct err *err)
{
    struct seen *seen = ctx;

    if (seen->fail_at && (int)seen->count + 1 == seen->fail_at)
        return err_set(err, RETRY, "no");
    seen->count++;
    seen->delta = cells_total(&b->delta);
    seen->minute = cells_total(&b->windows[WINDOW_MINUTE].cells);
    seen->hour = cells_total(&b->windows[WINDOW_HOUR].cells);
    seen->day = cells_total(&b->windows[WINDOW_DAY].cells);
    seen->first_ms = b->windows[WINDOW_MINUTE].first_ms;
    seen->last_ms = b->windows[WINDOW_MINUTE].last_ms;
    snprintf(seen->action, sizeof seen->action, "%.*s", SLICE_ARG(b->action));
    for (int w = 0; w < WINDOW_COUNT; w++)
        snprintf(seen->shards[w], sizeof seen->shards[w], "%.*s", SLICE_ARG(b->windows[w].shard));
    return OK;
}

static void count(struct shards *s, const char *action, int64_t ms, int64_t offset)
{
    const struct shards_event event = {
        .tenant = slice_of("default"),
        .service = slice_of("auth"),
        .action = slice_of(action),
        .severity = SEVERITY_WARN,
        .outcome = OUTCOME_FAILURE,
        .timestamp_ms = ms,
        .offset = offset,
        .append_ms = 1000 + offset,
    };

    shards_count(s, &event);
}

static struct seen emit(struct shards *s)
{
    struct seen seen = {0};
    struct err err;

    assert_int_equal(shards_emit(s, see, &seen, &err), OK);
    return seen;
}

TEST(a_shard_is_named_after_the_first_event_in_it)
{
    AUTO(shards) s = shards_new(3, 100);
    struct seen seen;

    count(s, "login", 5, 40);
    count(s, "login", 6, 41);
    seen = emit(s);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.shards[WINDOW_MINUTE], "3:40:1040");
    assert_string_equal(seen.shards[WINDOW_DAY], "3:40:1040");
    assert_int_equal(seen.delta, 2);
}

TEST(deltas_begin_anew_and_absolutes_go_on)
{
    AUTO(shards) s = shards_new(0, 100);
    struct seen seen;

    count(s, "login", 5, 0);
    emit(s);
    count(s, "login", 3, 1);
    count(s, "login", 9, 2);
    seen = emit(s);
    assert_int_equal(seen.delta, 2);
    assert_int_equal(seen.minute, 3);
    assert_int_equal(seen.day, 3);
    assert_int_equal(seen.first_ms, 3);
    assert_int_equal(seen.last_ms, 9);
    assert_int_equal(emit(s).count, 0);
}

TEST(minutes_share_their_hour_and_hours_their_day)
{
    AUTO(shards) s = shards_new(0, 100);
    struct seen seen;

    count(s, "login", 0, 0);
    count(s, "login", MINUTE, 1);
    count(s, "login", HOUR, 2);
    seen = emit(s);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.minute, 1);
    assert_int_equal(seen.hour, 1);
    assert_int_equal(seen.day, 3);
    assert_string_equal(seen.shards[WINDOW_DAY], "0:0:1000");
    assert_string_equal(seen.shards[WINDOW_HOUR], "0:2:1002");
    assert_int_equal(shards_open(s), 3 + 2 + 1);
}

TEST(a_forgotten_bucket_gets_a_new_shard)
{
    AUTO(shards) s = shards_new(0, 3);
    struct seen seen;

    count(s, "login", 0, 0);
    count(s, "logout", 0, 1);
    emit(s);
    shards_trim(s);
    assert_int_equal(shards_open(s), 3);
    count(s, "login", 1, 2);
    seen = emit(s);
    assert_string_equal(seen.shards[WINDOW_DAY], "0:2:1002");
    assert_int_equal(seen.day, 1);
    count(s, "logout", 1, 3);
    seen = emit(s);
    assert_string_equal(seen.shards[WINDOW_DAY], "0:1:1001");
    assert_int_equal(seen.day, 2);
}

/* The minutes of scattered events go; the days that they share stay, with their shard. */
TEST(a_day_outlives_the_minutes_that_were_used_since)
{
    AUTO(shards) s = shards_new(0, 30);
    struct seen seen;

    for (int i = 0; i < 1000; i++) {
        count(s, "login", (int64_t)(i / 2 % 10) * DAY + (int64_t)(i % 23) * HOUR, i);
        emit(s);
        shards_trim(s);
        assert_true(shards_open(s) <= 30);
    }
    count(s, "login", 23 * (int64_t)HOUR, 1000);
    seen = emit(s);
    assert_string_equal(seen.shards[WINDOW_DAY], "0:0:1000");
    assert_int_equal(seen.day, 101);
    assert_string_equal(seen.shards[WINDOW_HOUR], "0:1000:2000");
}

TEST(nothing_is_forgotten_before_a_trim)
{
    AUTO(shards) s = shards_new(0, 3);

    for (int i = 0; i < 100; i++)
        count(s, "login", (int64_t)i * DAY, i);
    assert_int_equal(shards_open(s), 300);
    assert_int_equal(emit(s).count, 100);
    shards_trim(s);
    assert_int_equal(shards_open(s), 3);
}

TEST(a_sink_that_fails_ends_the_emission)
{
    AUTO(shards) s = shards_new(0, 100);
    struct seen seen = {.fail_at = 2};
    struct err err;

    count(s, "a", 0, 0);
    count(s, "b", 0, 1);
    assert_int_equal(shards_emit(s, see, &seen, &err), RETRY);
    assert_int_equal(seen.count, 1);
}

/* Names that meet when written one after the other stay apart. */
TEST(buckets_are_told_apart_by_each_name)
{
    AUTO(shards) s = shards_new(0, 100);
    struct shards_event event = {
        .tenant = slice_of("t"), .service = slice_of("ab"), .action = slice_of("c")};

    shards_count(s, &event);
    event.service = slice_of("a");
    event.action = slice_of("bc");
    shards_count(s, &event);
    assert_int_equal(emit(s).count, 2);
}

/* Many buckets, few kept: what was emitted adds up to what was counted, all the same. */
struct sums {
    uint64_t delta;
};

static enum result add(void *ctx, const struct stats_bucket *b, struct err *err)
{
    struct sums *sums = ctx;

    (void)err;
    sums->delta += cells_total(&b->delta);
    return OK;
}

TEST(deltas_add_up_whatever_is_forgotten)
{
    enum { EVENTS = 50000 };
    AUTO(shards) s = shards_new(0, 50);
    struct sums sums = {0};
    uint64_t random = 1;
    struct err err;
    char action[16];

    for (int i = 0; i < EVENTS; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        snprintf(action, sizeof action, "a%d", (int)(random >> 60));
        count(s, action, (int64_t)(random >> 33) % ((int64_t)2 * DAY), i);
        if (i % 100 != 99)
            continue;
        assert_int_equal(shards_emit(s, add, &sums, &err), OK);
        shards_trim(s);
        assert_true(shards_open(s) <= 50);
    }
    assert_int_equal(sums.delta, EVENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shard_is_named_after_the_first_event_in_it),
        cmocka_unit_test(deltas_begin_anew_and_absolutes_go_on),
        cmocka_unit_test(minutes_share_their_hour_and_hours_their_day),
        cmocka_unit_test(a_forgotten_bucket_gets_a_new_shard),
        cmocka_unit_test(a_day_outlives_the_minutes_that_were_used_since),
        cmocka_unit_test(nothing_is_forgotten_before_a_trim),
        cmocka_unit_test(a_sink_that_fails_ends_the_emission),
        cmocka_unit_test(buckets_are_told_apart_by_each_name),
        cmocka_unit_test(deltas_add_up_whatever_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
