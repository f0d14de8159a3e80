/* SPDX-License-Identifier: MIT */
/* The fault table of the contract, word for word. */
#include "schemas/record.h"
#include "tests/unit/schemas/reading.h"
#include "tests/unit/test.h"

static const struct record_rules http = {RECORD_HTTP, false, -1};
static const struct record_rules kafka = {RECORD_KAFKA, false, -1};
static const struct record_rules strict = {RECORD_HTTP, true, -1};
static const struct record_rules second = {RECORD_HTTP, false, 1};

/* A good record with `members` (each followed by a comma) in front. */
static char *record_with(const char *members)
{
    return text_of("{%s\"service\":\"auth\",\"action\":\"user.login\"}", members);
}

static void assert_faults(const struct record_rules *rules, const char *members, const char *wanted)
{
    char *json = record_with(members);
    assert_verdict(json, rules, wanted);
    free(json);
}

/* `length` times `character`, as the value of `name`. */
static char *long_member(const char *name, size_t length, const char *character)
{
    AUTO_BUF text = {0};
    for (size_t i = 0; i < length; i++)
        buf_add_text(&text, character);
    return text_of("\"%s\":\"%s\",", name, buf_text(&text));
}

static void assert_limit(const char *name, size_t max, const char *fault)
{
    static const char *const characters[] = {"x", "\xc3\xa9", "\xf0\x9f\x98\x80", "\\u00e9",
                                             "\\ud83d\\ude00"};
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        char *fits = long_member(name, max, characters[i]);
        char *too_long = long_member(name, max + 1, characters[i]);
        char *record = text_of("{\"service\":\"s\",\"action\":\"a\",%s\"z\":0}", fits);
        char *bad = text_of("{\"service\":\"s\",\"action\":\"a\",%s\"z\":0}", too_long);
        assert_verdict(record, &http, "");
        assert_verdict(bad, &http, fault);
        free(fits);
        free(too_long);
        free(record);
        free(bad);
    }
}

TEST(a_small_record_is_good)
{
    assert_faults(&http, "", "");
    assert_faults(&kafka, "", "");
    assert_faults(&strict, "", "");
}

TEST(missing)
{
    assert_verdict("{}", &http,
                   "service: \"service\" is required\naction: \"action\" is required\n");
}

TEST(empty)
{
    assert_verdict("{\"service\":\"\",\"action\":\"\",\"userId\":\"\"}", &http,
                   "service: \"service\" is not allowed to be empty\n"
                   "action: \"action\" is not allowed to be empty\n"
                   "userId: \"userId\" is not allowed to be empty\n");
}

TEST(too_long_counts_characters)
{
    assert_limit("service", 100,
                 "service: \"service\" length must be less than or equal to 100 characters long\n");
    assert_limit("action", 200,
                 "action: \"action\" length must be less than or equal to 200 characters long\n");
    assert_limit("userId", 100,
                 "userId: \"userId\" length must be less than or equal to 100 characters long\n");
    assert_limit(
        "message", 2000,
        "message: \"message\" length must be less than or equal to 2000 characters long\n");
}

TEST(not_a_string_null_included)
{
    assert_verdict("{\"service\":null,\"action\":5,\"userId\":{}}", &http,
                   "service: \"service\" must be a string\naction: \"action\" must be a string\n"
                   "userId: \"userId\" must be a string\n");
    assert_faults(&http, "\"userId\":true,", "userId: \"userId\" must be a string\n");
    assert_faults(&http, "\"userId\":[\"u\"],", "userId: \"userId\" must be a string\n");
}

TEST(metadata_that_is_not_an_object)
{
    static const char *const values[] = {"null", "[]", "\"{}\"", "1", "true"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char *member = text_of("\"metadata\":%s,", values[i]);
        assert_faults(&http, member, "metadata: \"metadata\" must be of type object\n");
        free(member);
    }
}

TEST(severity_that_is_not_one_of_the_four)
{
    static const char one_of[] =
        "severity: \"severity\" must be one of [info, warn, error, critical]\n";
    static const char a_string[] =
        "severity: \"severity\" must be one of [info, warn, error, critical]\n"
        "severity: \"severity\" must be a string\n";
    assert_faults(&http, "\"severity\":\"fatal\",", one_of);
    assert_faults(&http, "\"severity\":\"INFO\",", one_of);
    assert_faults(&http, "\"severity\":\"info\\u0000\",", one_of);
    assert_faults(&http, "\"severity\":5,", a_string);
    assert_faults(&http, "\"severity\":null,", a_string);
    assert_faults(&http, "\"severity\":\"\",",
                  "severity: \"severity\" must be one of [info, warn, error, critical]\n"
                  "severity: \"severity\" is not allowed to be empty\n");
}

TEST(timestamps_that_are_none)
{
    static const char *const texts[] = {
        "yesterday",     "",           "2026-02-30", "2026-01-01T24:00", "2026-01-01T00:00:60",
        "1763805600000", "2026-13-01", "22.11.2026"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *member = text_of("\"timestamp\":\"%s\",", texts[i]);
        assert_faults(&http, member, "timestamp: \"timestamp\" must be in ISO 8601 date format\n");
        free(member);
    }
    assert_faults(&http, "\"timestamp\":1763805600000,",
                  "timestamp: \"timestamp\" must be a valid date\n");
    assert_faults(&http, "\"timestamp\":null,", "timestamp: \"timestamp\" must be a valid date\n");
    assert_faults(&http, "\"timestamp\":{},", "timestamp: \"timestamp\" must be a valid date\n");
}

TEST(a_body_that_is_not_an_object)
{
    static const char *const values[] = {"null", "[]", "\"{}\"", "1", "true"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_verdict(values[i], &http, ": \"value\" must be of type object\n");
        assert_verdict(values[i], &second, "1: \"[1]\" must be of type object\n");
    }
}

TEST(in_a_batch_the_place_is_named)
{
    assert_verdict("{\"service\":\"s\"}", &second, "1.action: \"[1].action\" is required\n");
    assert_faults(&second, "\"actor\":{\"id\":5},\"tags\":[\"a\",7],\"metadata\":[],",
                  "1.metadata: \"[1].metadata\" must be of type object\n"
                  "1.actor.id: \"[1].actor.id\" must be a string\n"
                  "1.tags.1: \"[1].tags[1]\" must be a string\n");
}

TEST(all_faults_come_in_one_answer_in_the_contract_s_order)
{
    static const struct record_rules strict_kafka = {RECORD_KAFKA, true, -1};
    assert_verdict(
        "{\"traceparent\":1,\"requestId\":1,\"sessionId\":1,\"userAgent\":1,\"ip\":1,\"tags\":1,"
        "\"message\":1,"
        "\"outcome\":\"ok\",\"changes\":1,\"resource\":1,\"actor\":1,\"tenant\":\"a "
        "b\",\"_id\":\"a b\",\"id\":1,"
        "\"foo\":1,\"timestamp\":1,\"severity\":\"x\",\"metadata\":1,\"userId\":1,\"action\":1}",
        &strict_kafka,
        "service: \"service\" is required\n"
        "action: \"action\" must be a string\n"
        "userId: \"userId\" must be a string\n"
        "metadata: \"metadata\" must be of type object\n"
        "severity: \"severity\" must be one of [info, warn, error, critical]\n"
        "timestamp: \"timestamp\" must be a valid date\n"
        "id: \"id\" must be a string\n"
        "_id: \"_id\" with value \"a b\" fails to match the required pattern: "
        "/^[A-Za-z0-9._:-]{1,64}$/\n"
        "tenant: \"tenant\" with value \"a b\" fails to match the required pattern: "
        "/^[A-Za-z0-9._-]{1,64}$/\n"
        "actor: \"actor\" must be of type object\n"
        "resource: \"resource\" must be of type object\n"
        "changes: \"changes\" must be an array\n"
        "outcome: \"outcome\" must be one of [success, failure]\n"
        "message: \"message\" must be a string\n"
        "tags: \"tags\" must be an array\n"
        "ip: \"ip\" must be a string\n"
        "userAgent: \"userAgent\" must be a string\n"
        "sessionId: \"sessionId\" must be a string\n"
        "requestId: \"requestId\" must be a string\n"
        "traceparent: \"traceparent\" must be a string\n"
        "foo: \"foo\" is not allowed\n");
}

TEST(ids_keep_to_their_alphabet_and_length)
{
    static const char pattern[] = "fails to match the required pattern: /^[A-Za-z0-9._:-]{1,64}$/";
    char *fits = long_member("id", 64, "z"), *too_long = long_member("id", 65, "z");
    assert_faults(&http, fits, "");
    assert_faults(&http, "\"id\":\"A-z.0_9:\",", "");
    char *wanted = text_of("id: \"id\" with value \"%.65s\" %s\n", too_long + 6, pattern);
    assert_faults(&http, too_long, wanted);
    free(wanted);
    wanted = text_of("id: \"id\" with value \"x y\" %s\n", pattern);
    assert_faults(&http, "\"id\":\"x y\",", wanted);
    free(wanted);
    wanted = text_of("id: \"id\" with value \"a?b\" %s\n", pattern);
    assert_faults(&http, "\"id\":\"a\\u0000b\",", wanted);
    assert_faults(&http, "\"id\":\"\",", "id: \"id\" is not allowed to be empty\n");
    free(wanted);
    free(fits);
    free(too_long);
}

TEST(a_message_shows_no_endless_value)
{
    char *member = long_member("id", 3000, "\xc3\xa9");
    char *json = record_with(member);
    struct reading_result result = read_record(json, &http);
    assert_true(result.text.len < 400);
    assert_int_equal(result.faults, 1);
    reading_result_done(&result);
    free(json);
    free(member);
}

TEST(unknown_members_are_dropped_unless_strict)
{
    assert_faults(&http, "\"foo\":1,\"Service\":[],", "");
    assert_faults(&strict, "\"foo\":1,\"Service\":[],",
                  "foo: \"foo\" is not allowed\nService: \"Service\" is not allowed\n");
    static const struct record_rules strict_batch = {RECORD_HTTP, true, 12};
    assert_faults(&strict_batch, "\"a\\\"[]\":1,", "12.a\"[]: \"[12].a\"[]\" is not allowed\n");
    assert_faults(&strict, "\"\":1,", ": \"\" is not allowed\n");
}

TEST(over_http_what_is_ours_counts_for_nothing)
{
    assert_faults(&http, "\"tenant\":5,\"source\":5,\"createdAt\":5,\"enriched\":5,\"_id\":5,", "");
    assert_faults(&strict, "\"tenant\":5,\"source\":5,\"createdAt\":5,\"enriched\":5,", "");
    assert_faults(&strict, "\"_id\":\"x\",", "_id: \"_id\" is not allowed\n");
    assert_faults(&kafka, "\"tenant\":5,\"source\":5,\"createdAt\":5,\"enriched\":5,",
                  "tenant: \"tenant\" must be a string\n");
}

TEST(of_two_equal_keys_the_last_counts)
{
    assert_faults(&http, "\"userId\":5,\"userId\":\"u\",\"service\":9,", "");
    assert_faults(&http, "\"userId\":\"u\",\"userId\":5,", "userId: \"userId\" must be a string\n");
    assert_faults(&http, "\"userId\":\"u\",\"user\\u0049d\":5,",
                  "userId: \"userId\" must be a string\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_record_is_good),
        cmocka_unit_test(missing),
        cmocka_unit_test(empty),
        cmocka_unit_test(too_long_counts_characters),
        cmocka_unit_test(not_a_string_null_included),
        cmocka_unit_test(metadata_that_is_not_an_object),
        cmocka_unit_test(severity_that_is_not_one_of_the_four),
        cmocka_unit_test(timestamps_that_are_none),
        cmocka_unit_test(a_body_that_is_not_an_object),
        cmocka_unit_test(in_a_batch_the_place_is_named),
        cmocka_unit_test(all_faults_come_in_one_answer_in_the_contract_s_order),
        cmocka_unit_test(ids_keep_to_their_alphabet_and_length),
        cmocka_unit_test(a_message_shows_no_endless_value),
        cmocka_unit_test(unknown_members_are_dropped_unless_strict),
        cmocka_unit_test(over_http_what_is_ours_counts_for_nothing),
        cmocka_unit_test(of_two_equal_keys_the_last_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
