/* SPDX-License-Identifier: MIT */
/* What a good record is read as, and the rules of its newer members. */
#include "schemas/record.h"
#include "tests/unit/schemas/reading.h"
#include "tests/unit/test.h"

static const struct record_rules http = {RECORD_HTTP, false, -1};
static const struct record_rules kafka = {RECORD_KAFKA, false, -1};

static void assert_text(struct slice got, const char *wanted)
{
    if (!wanted)
        assert_null(got.data);
    else if (!slice_is(got, wanted))
        fail_msg("\"%.*s\", wanted \"%s\"", SLICE_ARG(got), wanted);
}

static struct reading_result read_good(const char *json, const struct record_rules *rules)
{
    struct reading_result result = read_record(json, rules);
    assert_string_equal(buf_text(&result.text), "");
    return result;
}

static void assert_member(const char *member, const char *wanted)
{
    char *json = text_of("{\"service\":\"s\",\"action\":\"a\",%s}", member);
    assert_verdict(json, &http, wanted);
    free(json);
}

TEST(every_member_is_read)
{
    struct reading_result result =
        read_good("{\"id\":\"i:1\",\"service\":\"auth\",\"action\":\"user.login\",\"userId\":"
                  "\"u1\",\"severity\":\"error\","
                  "\"timestamp\":\"2026-11-22T12:00:00.1239+02:00\",\"metadata\":{\"a\": "
                  "1},\"outcome\":\"failure\","
                  "\"actor\":{\"type\":\"user\",\"id\":\"u2\",\"name\":\"N\"},\"resource\":{"
                  "\"type\":\"t\",\"id\":\"r\",\"name\":\"R\"},"
                  "\"changes\":[{\"field\":\"f\",\"old\":1,\"new\":null}],\"message\":\"m\","
                  "\"tags\":[\"x\",\"y\"],\"ip\":\"10.0.0.1\","
                  "\"userAgent\":\"ua\",\"sessionId\":\"se\",\"requestId\":\"re\",\"traceparent\":"
                  "\"tp\",\"tenant\":\"t9\"}",
                  &http);
    const struct record *r = &result.record;
    assert_text(r->id, "i:1");
    assert_text(r->tenant, NULL);
    assert_text(r->service, "auth");
    assert_text(r->action, "user.login");
    assert_text(r->user_id, "u1");
    assert_int_equal(r->severity, SEVERITY_ERROR);
    assert_true(r->has_timestamp);
    assert_int_equal(r->timestamp_ms, 1795341600123);
    assert_text(r->metadata, "{\"a\": 1}");
    assert_int_equal(r->outcome, OUTCOME_FAILURE);
    assert_text(r->actor.type, "user");
    assert_text(r->actor.id, "u2");
    assert_text(r->actor.name, "N");
    assert_text(r->resource.type, "t");
    assert_text(r->resource.id, "r");
    assert_text(r->resource.name, "R");
    assert_text(r->changes, "[{\"field\":\"f\",\"old\":1,\"new\":null}]");
    assert_text(r->message, "m");
    assert_text(r->tags, "[\"x\",\"y\"]");
    assert_text(r->ip, "10.0.0.1");
    assert_text(r->user_agent, "ua");
    assert_text(r->session_id, "se");
    assert_text(r->request_id, "re");
    assert_text(r->traceparent, "tp");
    reading_result_done(&result);
}

TEST(what_is_absent_is_absent_or_has_its_default)
{
    struct reading_result result = read_good("{\"service\":\"s\",\"action\":\"a\"}", &kafka);
    const struct record *r = &result.record;
    const struct slice absent[] = {r->id,          r->tenant,  r->user_id,    r->actor.id,
                                   r->resource.id, r->message, r->ip,         r->metadata,
                                   r->tags,        r->changes, r->traceparent};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_null(absent[i].data);
    assert_int_equal(r->severity, SEVERITY_INFO);
    assert_int_equal(r->outcome, OUTCOME_NONE);
    assert_false(r->has_timestamp);
    assert_null(r->_arena.data);
    reading_result_done(&result);
}

TEST(escaped_text_is_unescaped_and_its_views_stay)
{
    struct reading_result result = read_good(
        "{\"s\\u0065rvice\":\"\\u0061uth\",\"action\":\"a\\n\",\"userId\":\"\\ud83d\\ude00\","
        "\"message\":\"\\u0000\",\"severity\":\"w\\u0061rn\",\"metadata\":{\"\\u0069p\":"
        "\"\\u0031\"},"
        "\"actor\":{\"t\\u0079pe\":\"\\u0074\"},\"tags\":[\"\\u0041\"]}",
        &http);
    const struct record *r = &result.record;
    assert_text(r->service, "auth");
    assert_text(r->action, "a\n");
    assert_text(r->user_id, "\xf0\x9f\x98\x80");
    assert_true(slice_eq(r->message, slice_make("\0", 1)));
    assert_int_equal(r->severity, SEVERITY_WARN);
    assert_text(r->ip, "1");
    assert_text(r->actor.type, "t");
    reading_result_done(&result);
}

TEST(from_kafka_the_body_names_id_and_tenant)
{
    struct reading_result result =
        read_good("{\"_id\":\"k1\",\"tenant\":\"t1\",\"service\":\"s\",\"action\":\"a\"}", &kafka);
    assert_text(result.record.id, "k1");
    assert_text(result.record.tenant, "t1");
    reading_result_done(&result);
    result = read_good("{\"_id\":\"k1\",\"id\":\"k2\",\"service\":\"s\",\"action\":\"a\"}", &kafka);
    assert_text(result.record.id, "k2");
    reading_result_done(&result);
    result =
        read_good("{\"_id\":\"k1\",\"tenant\":\"t1\",\"service\":\"s\",\"action\":\"a\"}", &http);
    assert_text(result.record.id, NULL);
    assert_text(result.record.tenant, NULL);
    reading_result_done(&result);
}

TEST(actor_and_user_stand_in_for_each_other)
{
    struct reading_result result =
        read_good("{\"service\":\"s\",\"action\":\"a\",\"userId\":\"u\"}", &http);
    assert_text(result.record.actor.id, "u");
    reading_result_done(&result);
    result = read_good("{\"service\":\"s\",\"action\":\"a\",\"actor\":{\"id\":\"x\"}}", &http);
    assert_text(result.record.user_id, "x");
    reading_result_done(&result);
}

TEST(metadata_stands_in_for_absent_members_only)
{
    struct reading_result result = read_good("{\"service\":\"s\",\"action\":\"a\",\"sessionId\":"
                                             "\"own\",\"metadata\":{\"ip\":\"1.2.3.4\",\"ip\":"
                                             "\"::1\",\"userAgent\":5,\"sessionId\":\"theirs\","
                                             "\"requestId\":\"\",\"x\":{\"userAgent\":\"deep\"}}}",
                                             &http);
    assert_text(result.record.ip, "::1");
    assert_text(result.record.user_agent, NULL);
    assert_text(result.record.session_id, "own");
    assert_text(result.record.request_id, NULL);
    reading_result_done(&result);
}

TEST(tags_are_at_most_twenty_short_strings)
{
    assert_member("\"tags\":[]", "");
    assert_member("\"tags\":null", "tags: \"tags\" must be an array\n");
    assert_member("\"tags\":[\"a\",5,\"\",null]", "tags.1: \"tags[1]\" must be a string\n"
                                                  "tags.2: \"tags[2]\" is not allowed to be empty\n"
                                                  "tags.3: \"tags[3]\" must be a string\n");
    assert_member("\"tags\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"tags\":[\"1\",\"2\",\"3\","
                  "\"4\",\"5\","
                  "\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\","
                  "\"18\",\"19\",\"20\"]",
                  "");
    assert_member("\"tags\":[0,\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\","
                  "\"12\",\"13\",\"14\","
                  "\"15\",\"16\",\"17\",\"18\",\"19\",\"20\",\"21\"]",
                  "tags.0: \"tags[0]\" must be a string\n"
                  "tags: \"tags\" must contain less than or equal to 20 items\n");
    char *tag = text_of("\"tags\":[\"%050d\",\"%051d\"]", 0, 0);
    assert_member(tag,
                  "tags.1: \"tags[1]\" length must be less than or equal to 50 characters long\n");
    free(tag);
}

TEST(actor_and_resource_hold_text)
{
    assert_member("\"actor\":{},\"resource\":{\"other\":5}", "");
    assert_member("\"actor\":null,\"resource\":\"r\"",
                  "actor: \"actor\" must be of type object\n"
                  "resource: \"resource\" must be of type object\n");
    assert_member("\"actor\":{\"name\":\"\",\"id\":null,\"type\":[]}",
                  "actor.type: \"actor.type\" must be a string\n"
                  "actor.id: \"actor.id\" must be a string\n"
                  "actor.name: \"actor.name\" is not allowed to be empty\n");
    char *id = text_of("\"actor\":{\"id\":\"%0101d\"}", 0);
    assert_member(
        id, "actor.id: \"actor.id\" length must be less than or equal to 100 characters long\n");
    free(id);
}

TEST(outcome_is_one_of_two)
{
    assert_member("\"outcome\":\"success\"", "");
    assert_member("\"outcome\":\"none\"",
                  "outcome: \"outcome\" must be one of [success, failure]\n");
    assert_member("\"outcome\":null", "outcome: \"outcome\" must be one of [success, failure]\n"
                                      "outcome: \"outcome\" must be a string\n");
    assert_member("\"outcome\":\"\"", "outcome: \"outcome\" must be one of [success, failure]\n"
                                      "outcome: \"outcome\" is not allowed to be empty\n");
}

TEST(changes_are_objects_that_name_a_field)
{
    assert_member("\"changes\":[]", "");
    assert_member("\"changes\":{}", "changes: \"changes\" must be an array\n");
    assert_member("\"changes\":[5,{},{\"field\":7},{\"field\":\"f\",\"old\":{\"$x\":1}}]",
                  "changes.0: \"changes[0]\" must be of type object\n"
                  "changes.1.field: \"changes[1].field\" is required\n"
                  "changes.2.field: \"changes[2].field\" must be a string\n"
                  "changes: \"changes\" must not contain a key that starts with \"$\"\n");
}

TEST(metadata_keys_must_suit_a_document_store)
{
    static const char dollar[] =
        "metadata: \"metadata\" must not contain a key that starts with \"$\"\n";
    static const char nul[] =
        "metadata: \"metadata\" must not contain a key with a NUL character\n";
    assert_member("\"metadata\":{\"a$\":1,\"a.b\":\"$set\",\"\":0,\"c\":[\"$x\"]}", "");
    assert_member("\"metadata\":{\"$set\":1}", dollar);
    assert_member("\"metadata\":{\"$\":1}", dollar);
    assert_member("\"metadata\":{\"\\u0024set\":1}", dollar);
    assert_member("\"metadata\":{\"a\":[{\"b\":{\"$set\" : 1}}]}", dollar);
    assert_member("\"metadata\":{\"a\\u0000\":1}", nul);
    assert_member("\"metadata\":{\"a\":{\"\\u0000\":1}}", nul);
    assert_member("\"metadata\":{\"a\":\"\\u0000\",\"\\\\u0000\":1}", "");
}

TEST(metadata_keys_of_the_top_level_are_at_most_200_characters)
{
    char *fits =
        text_of("\"metadata\":{\"%0198d\xf0\x9f\x98\x80\\u00e9\":1,\"a\":{\"%0300d\":1}}", 0, 0);
    char *too_long = text_of("\"metadata\":{\"%0199d\xf0\x9f\x98\x80\\u00e9\":1}", 0);
    assert_member(fits, "");
    assert_member(too_long,
                  "metadata: \"metadata\" must not contain a key longer than 200 characters\n");
    free(fits);
    free(too_long);
}

TEST(metadata_is_at_most_32_kib_without_its_white_space)
{
    char *fits = text_of("\"metadata\":{ \"a\" : \"%032760d\" }", 0);
    char *too_large = text_of("\"metadata\":{\"a\":\"%032761d\"}", 0);
    assert_member(fits, "");
    assert_member(too_large, "metadata: \"metadata\" must be less than or equal to 32768 bytes\n");
    free(fits);
    free(too_large);
}

TEST(metadata_is_at_most_16_levels_deep)
{
    assert_member("\"metadata\":{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}", "");
    assert_member("\"metadata\":{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}",
                  "metadata: \"metadata\" must not be nested deeper than 16 levels\n");
}

static enum result parse(struct slice bytes, struct err *err)
{
    struct record r = {0};
    struct faults faults = {0};
    enum result result = record_parse(&r, bytes, &kafka, &faults, err);
    record_done(&r);
    faults_done(&faults);
    return result;
}

TEST(bytes_come_to_a_verdict_with_its_reason)
{
    struct err err;
    assert_int_equal(parse(slice_of("{\"service\":\"s\",\"action\":\"a\"}"), &err), OK);
    assert_int_equal(parse(slice_of("{\"service\":\"s\"}"), &err), REJECT);
    assert_string_equal(err.text, "validation_error: \"action\" is required");
    assert_int_equal(parse(slice_of("{\"service\""), &err), REJECT);
    assert_string_equal(err.text, "malformed_json: expected ':' at byte 10");
    assert_int_equal(parse(slice_make(NULL, 0), &err), REJECT);
    assert_string_equal(err.text, "malformed_json: no JSON at all");
}

TEST(a_record_is_at_most_256_kib)
{
    struct err err;
    char *fits = text_of("{\"service\":\"s\",\"action\":\"a\",\"x\":\"%0262109d\"}", 0);
    char *too_large = text_of(" %s", fits);
    assert_int_equal(strlen(fits), RECORD_MAX_BYTES);
    assert_int_equal(parse(slice_of(fits), &err), OK);
    assert_int_equal(parse(slice_of(too_large), &err), REJECT);
    assert_string_equal(err.text, "too_large: 262145 bytes, at most 262144");
    free(fits);
    free(too_large);
}

TEST(a_record_struct_serves_many_records)
{
    struct record r = {0};
    struct faults faults = {0};
    struct err err;
    assert_int_equal(
        record_parse(&r,
                     slice_of("{\"service\":\"\\u0061\",\"action\":\"a\",\"userId\":\"u\","
                              "\"severity\":\"warn\",\"outcome\":\"success\"}"),
                     &http, &faults, &err),
        OK);
    assert_int_equal(record_parse(&r, slice_of("{\"service\":5}"), &http, &faults, &err), REJECT);
    assert_int_equal(record_parse(&r, slice_of("{\"service\":\"s\",\"action\":\"\\u0062\"}"), &http,
                                  &faults, &err),
                     OK);
    assert_text(r.service, "s");
    assert_text(r.action, "b");
    assert_text(r.user_id, NULL);
    assert_int_equal(r.severity, SEVERITY_INFO);
    assert_int_equal(r.outcome, OUTCOME_NONE);
    record_done(&r);
    faults_done(&faults);
}

TEST(names_lead_there_and_back)
{
    enum severity s;
    enum outcome o;
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        assert_true(severity_parse(slice_of(severity_name((enum severity)i)), &s));
        assert_int_equal(s, i);
    }
    assert_true(outcome_parse(slice_of("failure"), &o));
    assert_int_equal(o, OUTCOME_FAILURE);
    assert_false(outcome_parse(slice_of(outcome_name(OUTCOME_NONE)), &o));
    assert_true(tenant_valid(slice_of("A.z_0-9")));
    assert_false(tenant_valid(slice_of("a:b")));
    assert_false(tenant_valid(slice_of("a/b")));
    assert_false(tenant_valid(slice_of("")));
    assert_true(id_valid(slice_of("a:b")));
    assert_false(id_valid(slice_of("a/b")));
    assert_false(id_valid(slice_of("\xc3\xa9")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_read),
        cmocka_unit_test(what_is_absent_is_absent_or_has_its_default),
        cmocka_unit_test(escaped_text_is_unescaped_and_its_views_stay),
        cmocka_unit_test(from_kafka_the_body_names_id_and_tenant),
        cmocka_unit_test(actor_and_user_stand_in_for_each_other),
        cmocka_unit_test(metadata_stands_in_for_absent_members_only),
        cmocka_unit_test(tags_are_at_most_twenty_short_strings),
        cmocka_unit_test(actor_and_resource_hold_text),
        cmocka_unit_test(outcome_is_one_of_two),
        cmocka_unit_test(changes_are_objects_that_name_a_field),
        cmocka_unit_test(metadata_keys_must_suit_a_document_store),
        cmocka_unit_test(metadata_keys_of_the_top_level_are_at_most_200_characters),
        cmocka_unit_test(metadata_is_at_most_32_kib_without_its_white_space),
        cmocka_unit_test(metadata_is_at_most_16_levels_deep),
        cmocka_unit_test(bytes_come_to_a_verdict_with_its_reason),
        cmocka_unit_test(a_record_is_at_most_256_kib),
        cmocka_unit_test(a_record_struct_serves_many_records),
        cmocka_unit_test(names_lead_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
