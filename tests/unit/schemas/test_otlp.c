/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "schemas/otlp.h"

static void make(const char *json, struct buf *out)
{
    struct faults faults = {0};
    struct err err;

    assert_int_equal(json_check(slice_of(json), OTLP_MAX_DEPTH, &err), OK);
    assert_int_equal(otlp_to_records(json_root(slice_of(json)), out, &faults), OK);
    assert_int_equal(faults.count, 0);
}

static void assert_record(const char *record, const char *wanted)
{
    AUTO_BUF json = {0};
    AUTO_BUF out = {0};

    buf_printf(&json,
               "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
               "\"value\":{\"stringValue\":\"shop\"}}]},\"scopeLogs\":[{\"logRecords\":[%s]}]}]}",
               record);
    make(buf_text(&json), &out);
    assert_string_equal(buf_text(&out), wanted);
}

#define RESOURCE "\"resource\":{\"service.name\":\"shop\"}"

TEST(a_log_record_becomes_a_record_of_ours)
{
    assert_record(
        "{\"timeUnixNano\":\"1763805600123456789\",\"severityNumber\":17,"
        "\"eventName\":\"order.pay\",\"body\":{\"stringValue\":\"paid\"},"
        "\"traceId\":\"0AF7651916CD43DD8448EB211C80319C\",\"spanId\":\"b7ad6b7169203331\","
        "\"flags\":1,\"attributes\":[{\"key\":\"user.id\",\"value\":{\"intValue\":\"7\"}},"
        "{\"key\":\"sum\",\"value\":{\"doubleValue\":1.5}}]}",
        "{\"service\":\"shop\",\"action\":\"order.pay\",\"message\":\"paid\","
        "\"severity\":\"error\",\"timestamp\":\"2025-11-22T10:00:00.123Z\","
        "\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\","
        "\"userId\":\"7\",\"metadata\":{\"user.id\":7,\"sum\":1.5," RESOURCE "}}\n");
}

TEST(a_body_without_an_event_name_is_the_action_too)
{
    assert_record("{\"body\":{\"stringValue\":\"hi \\u00e9\"}}",
                  "{\"service\":\"shop\",\"action\":\"hi é\",\"message\":\"hi é\","
                  "\"severity\":\"info\",\"metadata\":{" RESOURCE "}}\n");
    assert_record("{\"attributes\":[{\"key\":\"event.name\",\"value\":{\"stringValue\":\"e\"}}]}",
                  "{\"service\":\"shop\",\"action\":\"e\",\"severity\":\"info\","
                  "\"metadata\":{\"event.name\":\"e\"," RESOURCE "}}\n");
    assert_record("{}", "{\"service\":\"shop\",\"action\":\"log\",\"severity\":\"info\","
                        "\"metadata\":{" RESOURCE "}}\n");
}

TEST(values_of_every_kind_are_kept)
{
    assert_record(
        "{\"body\":{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":{\"arrayValue\":"
        "{\"values\":[{\"boolValue\":true},{\"intValue\":3},{}]}}}]}},"
        "\"attributes\":[{\"key\":\"b\",\"value\":{\"bytesValue\":\"AQ==\"}},{\"value\":{}}]}",
        "{\"service\":\"shop\",\"action\":\"log\",\"severity\":\"info\",\"metadata\":{"
        "\"b\":\"AQ==\"," RESOURCE ",\"body\":{\"a\":[true,3,null]}}}\n");
}

static void assert_severity(const char *fields, const char *severity)
{
    AUTO_BUF record = {0};
    AUTO_BUF wanted = {0};

    buf_printf(&record, "{%s}", fields);
    buf_printf(
        &wanted,
        "{\"service\":\"shop\",\"action\":\"log\",\"severity\":\"%s\",\"metadata\":{" RESOURCE
        "}}\n",
        severity);
    assert_record(buf_text(&record), buf_text(&wanted));
}

TEST(severities_fall_into_four)
{
    assert_severity("\"severityNumber\":1", "info");
    assert_severity("\"severityNumber\":12", "info");
    assert_severity("\"severityNumber\":13", "warn");
    assert_severity("\"severityNumber\":20", "error");
    assert_severity("\"severityNumber\":21", "critical");
    assert_severity("\"severityNumber\":\"SEVERITY_NUMBER_WARN2\"", "warn");
    assert_severity("\"severityText\":\"Error\"", "error");
    assert_severity("\"severityNumber\":0,\"severityText\":\"fatal\"", "critical");
}

TEST(a_trace_that_is_none_is_left_out)
{
    assert_severity("\"traceId\":\"\",\"spanId\":\"\"", "info");
    assert_severity("\"traceId\":\"00000000000000000000000000000000\","
                    "\"spanId\":\"b7ad6b7169203331\"",
                    "info");
}

TEST(what_is_no_log_record_is_left_to_the_validator)
{
    assert_record("7", "null\n");
}

TEST(an_empty_request_has_no_records)
{
    AUTO_BUF out = {0};

    make("{}", &out);
    make("{\"resourceLogs\":[]}", &out);
    make("{\"resourceLogs\":[{\"scopeLogs\":null}]}", &out);
    assert_int_equal(out.len, 0);
}

TEST(another_shape_is_refused)
{
    static const char *const bad[] = {
        "[]", "{\"resourceLogs\":{}}", "{\"resourceLogs\":[{\"scopeLogs\":1}]}",
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":\"\"}]}]}"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO_BUF out = {0};
        struct faults faults = {0};

        assert_int_equal(otlp_to_records(json_root(slice_of(bad[i])), &out, &faults), REJECT);
        assert_int_equal(faults.count, 1);
        faults_done(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_record_becomes_a_record_of_ours),
        cmocka_unit_test(a_body_without_an_event_name_is_the_action_too),
        cmocka_unit_test(values_of_every_kind_are_kept),
        cmocka_unit_test(severities_fall_into_four),
        cmocka_unit_test(a_trace_that_is_none_is_left_out),
        cmocka_unit_test(what_is_no_log_record_is_left_to_the_validator),
        cmocka_unit_test(an_empty_request_has_no_records),
        cmocka_unit_test(another_shape_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
