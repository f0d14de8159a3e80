/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "gateway/replay_plan.h"

static const char good[] = "{\"service\":\"shop\",\"action\":\"pay\",\"userId\":\"ada\"}";
static const char enriched[] =
    "{\"_id\":\"t1/abc\",\"hash\":\"0123456789abcdef\",\"src\":\"3:120:1763805600000\","
    "\"tenant\":\"t1\",\"service\":\"shop\",\"action\":\"pay\",\"severity\":\"info\","
    "\"timestamp\":\"2025-11-22T10:00:00.000Z\",\"createdAt\":\"2025-11-22T10:00:00.000Z\","
    "\"source\":\"http\",\"enriched\":{}}";

static struct reject_facts refused(const char *stage, const char *reason, const char *value)
{
    return (struct reject_facts){.id = slice_of("logs:3:120"),
                                 .stage = slice_of(stage),
                                 .reason = slice_of(reason),
                                 .tenant = slice_of("t1"),
                                 .value = slice_of(value),
                                 .received_ms = 1763805600000};
}

static void assert_refused(const struct reject_facts *reject, const char *mended, const char *why)
{
    struct replay_plan p = {0};
    struct faults faults = {0};

    assert_int_equal(replay_plan_make(&p, reject, slice_of(mended), &faults), REJECT);
    assert_true(faults.count > 0);
    assert_memory_equal(fault_message(&faults, 0).data, why, strlen(why));
    faults_done(&faults);
    replay_plan_done(&p);
}

static void make(struct replay_plan *p, const struct reject_facts *reject, const char *mended)
{
    struct faults faults = {0};

    assert_int_equal(replay_plan_make(p, reject, slice_of(mended), &faults), OK);
    assert_int_equal(faults.count, 0);
    faults_done(&faults);
}

TEST(an_id_made_for_a_place_is_always_the_same)
{
    struct reject_facts reject = refused("processor", "malformed_json", "{");
    struct replay_plan first = {0}, second = {0};

    make(&first, &reject, good);
    make(&second, &reject, "{\"service\":\"other\",\"action\":\"pay\"}");
    assert_true(slice_eq(buf_slice(&first.log_id), buf_slice(&second.log_id)));
    assert_true(slice_is(buf_slice(&first.key), "ada"));
    assert_true(slice_is(buf_slice(&second.key), "other"));
    replay_plan_done(&first);
    replay_plan_done(&second);
}

TEST(the_id_that_it_came_with_stays)
{
    struct reject_facts reject = refused("processor", "validation_error", "{}");
    struct replay_plan p = {0};

    reject.came_with_id = slice_of("mine");
    make(&p, &reject, good);
    assert_true(slice_is(buf_slice(&p.log_id), "mine"));
    assert_true(slice_is(buf_slice(&p.stored_id), "t1/mine"));
    replay_plan_done(&p);
}

TEST(a_conflicting_id_is_not_used_again)
{
    struct reject_facts reject = refused("processor", "id_conflict", good);
    struct replay_plan p = {0};

    reject.came_with_id = slice_of("taken");
    make(&p, &reject, NULL);
    assert_false(slice_is(buf_slice(&p.log_id), "taken"));
    replay_plan_done(&p);
}

TEST(a_record_without_a_timestamp_is_of_when_it_was_received)
{
    static const char timed[] = "{\"service\":\"shop\",\"action\":\"pay\",\"userId\":\"ada\","
                                "\"timestamp\":\"2025-11-22T10:00:00.000Z\"}";
    struct reject_facts reject = refused("processor", "id_conflict", good);
    struct replay_plan mended = {0}, original = {0}, own = {0}, none = {0};

    make(&mended, &reject, good);
    assert_true(slice_is(buf_slice(&mended.value), timed));
    make(&original, &reject, NULL);
    assert_true(slice_is(buf_slice(&original.value), timed));
    assert_int_equal(original.key.len, 0);
    make(&own, &reject, timed);
    assert_true(slice_is(buf_slice(&own.value), timed));
    reject.value = slice_of(timed);
    make(&none, &reject, NULL);
    assert_int_equal(none.value.len, 0);
    replay_plan_done(&mended);
    replay_plan_done(&original);
    replay_plan_done(&own);
    replay_plan_done(&none);
}

TEST(what_would_be_refused_again_is_refused_here)
{
    struct reject_facts reject = refused("processor", "malformed_json", "{");

    assert_refused(&reject, NULL, "malformed_json: ");
    assert_refused(&reject, "{\"action\":\"pay\"}", "\"service\" is required");
    reject.truncated = true;
    assert_refused(&reject, NULL, "\"record\" is required");
}

TEST(a_conflict_in_the_store_gets_another_id_and_nothing_else)
{
    struct reject_facts reject = refused("indexer", "id_conflict", enriched);
    struct replay_plan p = {0};
    AUTO_BUF wanted = {0};

    make(&p, &reject, NULL);
    buf_add_text(&wanted, "{\"_id\":\"t1/");
    buf_add_slice(&wanted, buf_slice(&p.log_id));
    buf_add_text(&wanted, enriched + strlen("{\"_id\":\"t1/abc"));
    assert_true(slice_eq(buf_slice(&p.value), buf_slice(&wanted)));
    replay_plan_done(&p);
}

TEST(what_was_counted_may_not_be_mended)
{
    struct reject_facts reject = refused("indexer", "store_refused", enriched);
    struct replay_plan p = {0};

    assert_refused(&reject, "{\"service\":\"other\",\"action\":\"pay\"}",
                   "\"service\" must be as it was counted");
    make(&p, &reject, "{\"service\":\"shop\",\"action\":\"pay\",\"message\":\"m\"}");
    assert_true(slice_is(buf_slice(&p.log_id), "abc"));
    assert_non_null(strstr(buf_text(&p.value), "\"timestamp\":\"2025-11-22T10:00:00.000Z\""));
    assert_non_null(strstr(buf_text(&p.value), "\"message\":\"m\""));
    assert_non_null(strstr(buf_text(&p.value), "\"src\":\"3:120:1763805600000\""));
    assert_non_null(strstr(buf_text(&p.value), "\"source\":\"http\""));
    replay_plan_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_made_for_a_place_is_always_the_same),
        cmocka_unit_test(the_id_that_it_came_with_stays),
        cmocka_unit_test(a_conflicting_id_is_not_used_again),
        cmocka_unit_test(a_record_without_a_timestamp_is_of_when_it_was_received),
        cmocka_unit_test(what_would_be_refused_again_is_refused_here),
        cmocka_unit_test(a_conflict_in_the_store_gets_another_id_and_nothing_else),
        cmocka_unit_test(what_was_counted_may_not_be_mended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
