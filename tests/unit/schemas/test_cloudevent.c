/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "schemas/cloudevent.h"

#define EVENT                                                                                      \
    "\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/shop\",\"type\":\"com.shop.paid\""
#define RECORD "\"id\":\"e1\",\"service\":\"/shop\",\"action\":\"com.shop.paid\""

static void assert_record(const char *event, const char *wanted)
{
    AUTO_BUF out = {0};
    struct faults faults = {0};
    struct err err;

    assert_int_equal(json_check(slice_of(event), RECORD_MAX_DEPTH, &err), OK);
    assert_int_equal(cloudevent_to_record(json_root(slice_of(event)), -1, &out, &faults), OK);
    assert_string_equal(buf_text(&out), wanted);
    assert_int_equal(json_check(buf_slice(&out), RECORD_MAX_DEPTH + 2, &err), OK);
}

static void assert_faults(const char *event, int index, const char *wanted)
{
    AUTO_BUF out = {0};
    AUTO_BUF said = {0};
    struct faults faults = {0};

    assert_int_equal(cloudevent_to_record(json_root(slice_of(event)), index, &out, &faults),
                     REJECT);
    for (size_t i = 0; i < faults.count; i++) {
        buf_add_slice(&said, fault_message(&faults, i));
        buf_add_char(&said, '\n');
    }
    assert_string_equal(buf_text(&said), wanted);
    faults_done(&faults);
}

TEST(attributes_become_members)
{
    assert_record("{" EVENT ",\"time\":\"2026-11-22T10:00:00Z\",\"subject\":\"order/7\","
                  "\"traceparent\":\"00-aa\"}",
                  "{" RECORD ",\"timestamp\":\"2026-11-22T10:00:00Z\",\"traceparent\":\"00-aa\","
                  "\"resource\":{\"id\":\"order/7\"},\"metadata\":{}}");
}

TEST(a_subject_may_be_a_user)
{
    assert_record("{" EVENT ",\"subject\":\"users/ada\"}",
                  "{" RECORD ",\"userId\":\"ada\",\"metadata\":{}}");
    assert_record("{" EVENT ",\"subject\":\"user:\"}",
                  "{" RECORD ",\"resource\":{\"id\":\"user:\"},\"metadata\":{}}");
}

TEST(data_becomes_metadata)
{
    assert_record("{" EVENT ",\"data\":{\"sum\":5,\"userId\":7}}",
                  "{" RECORD ",\"metadata\":{\"sum\":5,\"userId\":7}}");
    assert_record("{" EVENT ",\"data\":\"text\"}", "{" RECORD ",\"metadata\":{\"data\":\"text\"}}");
    assert_record("{" EVENT ",\"data\":null}", "{" RECORD ",\"metadata\":{}}");
    assert_record("{" EVENT ",\"data_base64\":\"AQ==\"}",
                  "{" RECORD ",\"metadata\":{\"data_base64\":\"AQ==\"}}");
}

TEST(data_that_is_a_record_speaks_for_itself)
{
    assert_record("{" EVENT ",\"data\":{\"service\":\"s\",\"userId\":\"ada\",\"id\":\"other\","
                  "\"extra\":1,\"metadata\":{\"a\":1}}}",
                  "{" RECORD ",\"service\":\"s\",\"userId\":\"ada\",\"metadata\":{\"a\":1,"
                  "\"cloudevent\":{\"source\":\"/shop\"}}}");
    assert_record("{" EVENT ",\"data\":{\"action\":\"a\",\"metadata\":7}}",
                  "{" RECORD ",\"action\":\"a\",\"metadata\":7}");
}

TEST(extensions_are_kept)
{
    assert_record("{" EVENT ",\"partitionkey\":\"k\",\"dataschema\":\"u\",\"data\":{\"a\":1}}",
                  "{" RECORD ",\"metadata\":{\"a\":1,\"cloudevent\":{\"partitionkey\":\"k\","
                  "\"dataschema\":\"u\"}}}");
}

TEST(an_id_that_is_none_of_ours_becomes_one_made_of_source_and_id)
{
    AUTO_BUF one = {0};
    AUTO_BUF same = {0};
    AUTO_BUF other = {0};
    struct faults faults = {0};
    static const char event[] = "{\"specversion\":\"1.0\",\"id\":\"a b\",\"source\":\"%s\","
                                "\"type\":\"t\"}";
    struct buf *const outs[] = {&one, &same, &other};
    const char *const sources[] = {"x", "x", "y"};

    for (size_t i = 0; i < 3; i++) {
        AUTO_BUF json = {0};

        buf_printf(&json, event, sources[i]);
        assert_int_equal(cloudevent_to_record(json_root(buf_slice(&json)), -1, outs[i], &faults),
                         OK);
        outs[i]->len = strlen("{\"id\":\"") + 36;
    }
    assert_true(slice_eq(buf_slice(&one), buf_slice(&same)));
    assert_false(slice_eq(buf_slice(&one), buf_slice(&other)));
}

TEST(faults_are_told_in_the_usual_words)
{
    assert_faults("[]", -1, "\"value\" must be of type object\n");
    assert_faults("{}", -1,
                  "\"id\" is required\n\"source\" is required\n\"specversion\" is required\n"
                  "\"type\" is required\n");
    assert_faults("{\"specversion\":\"0.3\",\"id\":\"\",\"source\":1,\"type\":null,"
                  "\"subject\":2,\"data\":1,\"data_base64\":2}",
                  3,
                  "\"[3].id\" is not allowed to be empty\n\"[3].source\" must be a string\n"
                  "\"[3].specversion\" must be one of [1.0]\n\"[3].type\" is required\n"
                  "\"[3].subject\" must be a string\n\"[3].data_base64\" is not allowed\n"
                  "\"[3].data_base64\" must be a string\n");
}

static enum result gather(const char *type, struct slice value, struct buf *out, struct err *err)
{
    static const struct cloudevent_attribute attributes[] = {{{"id", 2}, {"e\"1", 3}}};
    const struct cloudevent_message m = {slice_of(type), value, attributes, 1};

    return cloudevent_gather(&m, out, err);
}

TEST(binary_mode_is_another_way_to_write_the_same_event)
{
    AUTO_BUF out = {0};
    struct err err;

    assert_int_equal(gather("application/json; charset=utf-8", slice_of("[1]"), &out, &err), OK);
    assert_string_equal(buf_text(&out), "{\"id\":\"e\\\"1\",\"datacontenttype\":"
                                        "\"application/json; charset=utf-8\",\"data\":[1]}");
    assert_int_equal(gather("text/plain", slice_of("a\n"), &out, &err), OK);
    assert_string_equal(buf_text(&out),
                        "{\"id\":\"e\\\"1\",\"datacontenttype\":\"text/plain\",\"data\":\"a\\n\"}");
    assert_int_equal(gather("image/png", slice_make("\xff\x00", 2), &out, &err), OK);
    assert_string_equal(
        buf_text(&out),
        "{\"id\":\"e\\\"1\",\"datacontenttype\":\"image/png\",\"data_base64\":\"/wA=\"}");
    assert_int_equal(gather(NULL, slice_of(""), &out, &err), OK);
    assert_string_equal(buf_text(&out), "{\"id\":\"e\\\"1\"}");
    assert_int_equal(gather("application/json", slice_of("{"), &out, &err), REJECT);
    assert_memory_equal(err.text, "malformed_json: ", 16);
}

TEST(content_types_tell_the_modes_apart)
{
    assert_true(cloudevent_is_structured(slice_of("Application/CloudEvents+JSON; charset=utf-8")));
    assert_false(cloudevent_is_structured(slice_of("application/cloudevents-batch+json")));
    assert_true(cloudevent_is_batch(slice_of("application/cloudevents-batch+json ;x=1")));
    assert_false(cloudevent_is_structured(slice_of("application/json")));
    assert_false(cloudevent_is_structured((struct slice){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_become_members),
        cmocka_unit_test(a_subject_may_be_a_user),
        cmocka_unit_test(data_becomes_metadata),
        cmocka_unit_test(data_that_is_a_record_speaks_for_itself),
        cmocka_unit_test(extensions_are_kept),
        cmocka_unit_test(an_id_that_is_none_of_ours_becomes_one_made_of_source_and_id),
        cmocka_unit_test(faults_are_told_in_the_usual_words),
        cmocka_unit_test(binary_mode_is_another_way_to_write_the_same_event),
        cmocka_unit_test(content_types_tell_the_modes_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
