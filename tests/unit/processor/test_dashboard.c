/* SPDX-License-Identifier: MIT */
#include "processor/dashboard.h"

#include "tests/unit/test.h"

enum { MINUTE_MS = 60000 };
static const int64_t day_ms = 86400000;
static const int64_t at_ms = 1795428300000; /* 2026-11-23T10:05:00Z */

/* The change of `member` under `key`; fails when there is none. */
static int64_t change(const struct tally *t, enum tally_kind kind, const char *key,
                      const char *member)
{
    for (size_t g = 0; g < tally_groups(t); g++) {
        struct tally_group group = tally_group_at(t, g);
        struct tally_entry e;

        for (size_t at = 0; tally_next(t, g, &at, &e);) {
            if (group.kind == kind && slice_is(group.key, key) && slice_is(e.member, member))
                return e.n;
        }
    }
    fail_msg("%s of %s does not change", member, key);
    return 0;
}

static int64_t expiry(const struct tally *t, const char *key)
{
    for (size_t g = 0; g < tally_groups(t); g++) {
        if (slice_is(tally_group_at(t, g).key, key))
            return tally_group_at(t, g).expire_ms;
    }
    fail_msg("%s does not change", key);
    return 0;
}

static struct stats_bucket bucket(void)
{
    struct stats_bucket b = {
        .tenant = slice_of("acme"), .service = slice_of("a/b"), .action = slice_of("50%")};

    for (int w = 0; w < WINDOW_COUNT; w++)
        b.windows[w].start_ms = window_start((enum window)w, at_ms);
    b.delta.n[cell_of(SEVERITY_INFO, OUTCOME_NONE)] = 3;
    b.delta.n[cell_of(SEVERITY_ERROR, OUTCOME_FAILURE)] = 2;
    return b;
}

TEST(a_bucket_changes_total_minute_hour_and_day_alike)
{
    static const char *const keys[] = {"{als}:acme:total", "{als}:acme:minute:2026-11-23T10:05Z",
                                       "{als}:acme:hour:2026-11-23T10Z",
                                       "{als}:acme:day:2026-11-23"};
    AUTO(tally) t = tally_new();
    struct stats_bucket b = bucket();

    dashboard_add_bucket(t, &b, at_ms);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(change(t, TALLY_HASH, keys[i], "count"), 5);
        assert_int_equal(change(t, TALLY_HASH, keys[i], "info"), 3);
        assert_int_equal(change(t, TALLY_HASH, keys[i], "error"), 2);
        assert_int_equal(change(t, TALLY_HASH, keys[i], "failure"), 2);
        if (i > 0)
            assert_int_equal(change(t, TALLY_HASH, keys[i], "service:a/b"), 5);
    }
    assert_int_equal(change(t, TALLY_EARLIEST, keys[0], "since"), at_ms);
}

TEST(names_of_actions_are_escaped)
{
    AUTO(tally) t = tally_new();
    struct stats_bucket b = bucket();

    dashboard_add_bucket(t, &b, at_ms);
    assert_int_equal(change(t, TALLY_SORTED, "{als}:acme:actions:day:2026-11-23", "a%2Fb/50%25"),
                     5);
    assert_int_equal(
        change(t, TALLY_SORTED, "{als}:acme:actions:hour:2026-11-23T10Z", "a%2Fb/50%25"), 5);
}

TEST(keys_expire_at_their_windows_start_plus_their_lifetime)
{
    AUTO(tally) t = tally_new();
    struct stats_bucket b = bucket();
    int64_t day = window_start(WINDOW_DAY, at_ms), hour = window_start(WINDOW_HOUR, at_ms);

    dashboard_add_bucket(t, &b, at_ms);
    dashboard_add_user(t,
                       slice_of("{\"_id\":\"x\",\"tenant\":\"acme\",\"userId\":\"u\","
                                "\"timestamp\":\"2026-11-23T10:05:00.000Z\"}"),
                       NULL);
    assert_int_equal(expiry(t, "{als}:acme:total"), 0);
    assert_int_equal(expiry(t, "{als}:acme:minute:2026-11-23T10:05Z"), at_ms + 2 * day_ms);
    assert_int_equal(expiry(t, "{als}:acme:hour:2026-11-23T10Z"), hour + 14 * day_ms);
    assert_int_equal(expiry(t, "{als}:acme:day:2026-11-23"), day + 14 * day_ms);
    assert_int_equal(expiry(t, "{als}:acme:actions:day:2026-11-23"), day + 14 * day_ms);
    assert_int_equal(expiry(t, "{als}:acme:users:day:2026-11-23"), day + 7 * day_ms);
    assert_int_equal(expiry(t, "{als}:acme:users:hour:2026-11-23T10Z"), hour + 7 * day_ms);
    assert_int_equal(expiry(t, "{als}:acme:top-users:day:2026-11-23"), day + 7 * day_ms);
}

TEST(a_user_is_one_of_its_day_and_hour)
{
    AUTO(tally) t = tally_new();

    dashboard_add_user(t,
                       slice_of("{\"_id\":\"x\",\"tenant\":\"acme\",\"userId\":\"J\\u00fcrgen\","
                                "\"timestamp\":\"2026-11-23T10:05:00.000Z\"}"),
                       NULL);
    assert_int_equal(change(t, TALLY_UNIQUE, "{als}:acme:users:day:2026-11-23", "J\xc3\xbcrgen"),
                     1);
    assert_int_equal(
        change(t, TALLY_UNIQUE, "{als}:acme:users:hour:2026-11-23T10Z", "J\xc3\xbcrgen"), 1);
    assert_int_equal(
        change(t, TALLY_SORTED, "{als}:acme:top-users:day:2026-11-23", "J\xc3\xbcrgen"), 1);
}

TEST(a_record_without_a_user_changes_nothing)
{
    AUTO(tally) t = tally_new();

    dashboard_add_user(t,
                       slice_of("{\"_id\":\"x\",\"tenant\":\"acme\",\"metadata\":{\"userId\":"
                                "\"u\"},\"timestamp\":\"2026-11-23T10:05:00.000Z\"}"),
                       NULL);
    assert_int_equal(tally_groups(t), 0);
}

TEST(meters_add_up_and_times_only_rise)
{
    AUTO(tally) t = tally_new();
    const struct stats_meta m = {slice_of("acme"), 4, 1, 2, at_ms};

    dashboard_add_meta(t, &m, at_ms + 5);
    assert_int_equal(change(t, TALLY_HASH, "{als}:acme:meta", "processed"), 4);
    assert_int_equal(change(t, TALLY_HASH, "{als}:acme:meta", "rejected"), 1);
    assert_int_equal(change(t, TALLY_HASH, "{als}:acme:meta", "duplicates"), 2);
    assert_int_equal(change(t, TALLY_LATEST, "{als}:acme:meta", "watermark"), at_ms);
    assert_int_equal(change(t, TALLY_LATEST, "{als}:acme:meta", "updatedAt"), at_ms + 5);
}

TEST(who_is_erased_is_in_no_ranking)
{
    AUTO(tally) t = tally_new();
    AUTO(erasures) erasures = erasures_new();
    const struct erasure one = {.tenant = slice_of("acme"),
                                .user_id = slice_of("u"),
                                .at_ms = 1763805600000}; /* 2025-11-22T10:00Z */

    erasures_add(erasures, &one);
    dashboard_add_user(t,
                       slice_of("{\"_id\":\"x\",\"tenant\":\"acme\",\"userId\":\"u\",\"timestamp\":"
                                "\"2025-11-22T09:00:00.000Z\",\"createdAt\":"
                                "\"2025-11-22T11:00:00.000Z\"}"),
                       erasures);
    assert_int_equal(tally_entries(t), 0);
    dashboard_add_user(t,
                       slice_of("{\"_id\":\"x\",\"tenant\":\"acme\",\"userId\":\"u\",\"timestamp\":"
                                "\"2025-11-22T10:30:00.000Z\",\"createdAt\":"
                                "\"2025-11-22T11:00:00.000Z\"}"),
                       erasures);
    assert_int_equal(tally_entries(t), 3);
}

TEST(an_erasure_concerns_the_rankings_that_may_still_be_there)
{
    char keys[DASHBOARD_USER_KEYS][DASHBOARD_KEY_MAX];
    const int64_t day = 86400000, at = 1763805600000;
    const struct erasure one = {.tenant = slice_of("acme"), .at_ms = at};

    assert_int_equal(dashboard_user_keys(&one, at, keys), 9);
    assert_string_equal(keys[0], "{als}:acme:top-users:day:2025-11-23");
    assert_string_equal(keys[8], "{als}:acme:top-users:day:2025-11-15");
    assert_int_equal(dashboard_user_keys(&one, at + 8 * day, keys), 1);
    assert_int_equal(dashboard_user_keys(&one, at + 9 * day, keys), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_changes_total_minute_hour_and_day_alike),
        cmocka_unit_test(names_of_actions_are_escaped),
        cmocka_unit_test(keys_expire_at_their_windows_start_plus_their_lifetime),
        cmocka_unit_test(a_user_is_one_of_its_day_and_hour),
        cmocka_unit_test(a_record_without_a_user_changes_nothing),
        cmocka_unit_test(meters_add_up_and_times_only_rise),
        cmocka_unit_test(who_is_erased_is_in_no_ranking),
        cmocka_unit_test(an_erasure_concerns_the_rankings_that_may_still_be_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
