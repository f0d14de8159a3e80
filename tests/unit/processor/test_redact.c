/* SPDX-License-Identifier: MIT */
#include "processor/redact.h"

#include <stdio.h>

#include "tests/unit/test.h"

#include "tests/unit/processor/record_of.h"

static struct redact *redact_of(const char *fields)
{
    struct redact *r = NULL;
    struct err err;

    assert_int_equal(redact_new(fields, &r, &err), OK);
    return r;
}

static void expect_metadata(const char *fields, const char *before, const char *after)
{
    AUTO(redact) r = redact_of(fields);
    struct record record = {0};
    char json[512];

    snprintf(json, sizeof json, "{\"service\":\"s\",\"action\":\"a\",\"metadata\":%s}", before);
    record_of(&record, json);
    assert_int_equal(redact_apply(r, &record), strcmp(before, after) != 0);
    assert_int_equal(record.metadata.len, strlen(after));
    assert_memory_equal(record.metadata.data, after, strlen(after));
    record_done(&record);
}

TEST(named_fields_are_masked_and_absent_ones_stay_absent)
{
    AUTO(redact) r = redact_of("ip, message,actor.id,requestId");
    struct record record = {0};

    record_of(&record, "{\"service\":\"s\",\"action\":\"a\",\"ip\":\"1.2.3.4\",\"message\":\"hi\","
                       "\"actor\":{\"id\":\"x\",\"name\":\"y\"}}");
    assert_true(redact_apply(r, &record));
    assert_true(slice_is(record.ip, "***"));
    assert_true(slice_is(record.message, "***"));
    assert_true(slice_is(record.actor.id, "***"));
    assert_true(slice_is(record.actor.name, "y"));
    assert_null(record.request_id.data);
    record_done(&record);
}

TEST(paths_go_through_objects_and_arrays)
{
    expect_metadata("metadata.password", "{\"password\":\"x\",\"a\":1}",
                    "{\"password\":\"***\",\"a\":1}");
    expect_metadata("metadata.user.pin", "{\"user\":{\"pin\":1,\"n\":[1]},\"pin\":2}",
                    "{\"user\":{\"pin\":\"***\",\"n\":[1]},\"pin\":2}");
    expect_metadata("metadata.users.pin", "{\"users\":[{\"pin\":1},{\"pin\":{\"a\":2}},3]}",
                    "{\"users\":[{\"pin\":\"***\"},{\"pin\":\"***\"},3]}");
    expect_metadata("metadata.a,metadata.b.c", "{\"a\":[1],\"b\":{\"c\":null,\"a\":1}}",
                    "{\"a\":\"***\",\"b\":{\"c\":\"***\",\"a\":1}}");
}

TEST(an_escaped_name_is_still_found)
{
    expect_metadata("metadata.pin", "{\"p\\u0069n\":1}", "{\"p\\u0069n\":\"***\"}");
}

TEST(a_name_may_hold_dots_itself)
{
    expect_metadata("metadata.user.pin", "{\"user.pin\":1,\"user\":{\"pin\":2},\"user.pins\":3}",
                    "{\"user.pin\":\"***\",\"user\":{\"pin\":\"***\"},\"user.pins\":3}");
    expect_metadata(
        "metadata.a.b.c", "{\"a.b\":{\"c\":1,\"b.c\":2},\"a\":{\"b.c\":3},\"a.b.\":{\"c\":4}}",
        "{\"a.b\":{\"c\":\"***\",\"b.c\":2},\"a\":{\"b.c\":\"***\"},\"a.b.\":{\"c\":4}}");
}

TEST(a_field_and_what_stands_in_for_it_are_masked_together)
{
    static const char *const named[] = {"sessionId", "metadata.sessionId"};

    for (size_t i = 0; i < 2; i++) {
        AUTO(redact) r = redact_of(named[i]);
        struct record record = {0};

        record_of(&record,
                  "{\"service\":\"s\",\"action\":\"a\",\"metadata\":{\"sessionId\":\"x\"}}");
        assert_true(redact_apply(r, &record));
        assert_true(slice_is(record.session_id, "***"));
        assert_true(slice_is(record.metadata, "{\"sessionId\":\"***\"}"));
        record_done(&record);
    }
}

static void expect_users(const char *fields, const char *before, const char *user_id,
                         const char *actor_id)
{
    AUTO(redact) r = redact_of(fields);
    struct record record = {0};
    char json[512];

    snprintf(json, sizeof json, "{\"service\":\"s\",\"action\":\"a\",%s}", before);
    record_of(&record, json);
    redact_apply(r, &record);
    assert_true(slice_is(record.user_id, user_id));
    assert_true(slice_is(record.actor.id, actor_id));
    record_done(&record);
}

TEST(a_user_who_is_the_actor_is_masked_as_both)
{
    expect_users("userId", "\"userId\":\"ada\"", "***", "***");
    expect_users("actor.id", "\"userId\":\"ada\"", "***", "***");
    expect_users("userId", "\"actor\":{\"id\":\"ada\"}", "***", "***");
    expect_users("userId", "\"userId\":\"ada\",\"actor\":{\"id\":\"bob\"}", "***", "bob");
    expect_users("actor.id", "\"userId\":\"ada\",\"actor\":{\"id\":\"bob\"}", "ada", "***");
    expect_users("message", "\"userId\":\"ada\"", "ada", "ada");
}

TEST(what_is_not_named_is_not_touched)
{
    expect_metadata("metadata.password", "{\"x\": { \"password\" : 1 } }",
                    "{\"x\": { \"password\" : 1 } }");
    expect_metadata("", "{\"password\":1}", "{\"password\":1}");
}

TEST(what_cannot_be_masked_is_refused_at_start)
{
    static const char *const bad[] = {"service",       "ip,nonsense", "metadata.",
                                      "metadata.a..b", "metadata.a.", "metadata..a"};
    struct redact *r = NULL;
    struct err err;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(redact_new(bad[i], &r, &err), FATAL);
    assert_null(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_fields_are_masked_and_absent_ones_stay_absent),
        cmocka_unit_test(paths_go_through_objects_and_arrays),
        cmocka_unit_test(an_escaped_name_is_still_found),
        cmocka_unit_test(a_name_may_hold_dots_itself),
        cmocka_unit_test(a_field_and_what_stands_in_for_it_are_masked_together),
        cmocka_unit_test(a_user_who_is_the_actor_is_masked_as_both),
        cmocka_unit_test(what_is_not_named_is_not_touched),
        cmocka_unit_test(what_cannot_be_masked_is_refused_at_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
