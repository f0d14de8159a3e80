/* SPDX-License-Identifier: MIT */
#include "schemas/enriched.h"
#include "tests/unit/schemas/reading.h"
#include "tests/unit/test.h"

static const struct record_rules http = {RECORD_HTTP, false, -1};

static struct envelope example_envelope(void)
{
    return (struct envelope){
        .id = slice_of("abc"),
        .tenant = slice_of("t1"),
        .source = "http",
        .partition = 3,
        .offset = 120,
        .append_ms = 1763805600000,
        .timestamp_ms = 1763805599999,
    };
}

static char *written(const char *json, const struct envelope *envelope,
                     const struct enrichment *enrichment)
{
    struct reading_result result = read_record(json, &http);
    assert_int_equal(result.faults, 0);
    struct buf out = {0};
    struct err err;
    enriched_write(&out, &result.record, envelope, enrichment, 0x0123456789abcdef);
    assert_int_equal(json_check(buf_slice(&out), RECORD_MAX_DEPTH, &err), OK);
    reading_result_done(&result);
    buf_text(&out);
    return out.data;
}

TEST(a_small_record_has_what_is_required_and_nothing_more)
{
    struct envelope envelope = example_envelope();
    struct enrichment enrichment = {0};
    char *json = written("{\"service\":\"s\",\"action\":\"a\"}", &envelope, &enrichment);
    assert_string_equal(
        json,
        "{\"_id\":\"t1/"
        "abc\",\"hash\":\"0123456789abcdef\",\"src\":\"3:120:1763805600000\",\"tenant\":\"t1\","
        "\"service\":\"s\",\"action\":\"a\",\"severity\":\"info\",\"timestamp\":\"2025-11-22T09:59:"
        "59.999Z\","
        "\"createdAt\":\"2025-11-22T10:00:00.000Z\",\"source\":\"http\",\"enriched\":{}}");
    free(json);
}

TEST(a_full_record_has_every_member_in_the_contract_s_order)
{
    struct envelope envelope = example_envelope();
    struct enrichment enrichment = {
        .verb = slice_of("login"),
        .object = slice_of("user"),
        .ip_class = "public",
        .ip_version = 4,
        .country = slice_of("DE"),
        .city = slice_of("K\xc3\xb6ln"),
        .asn = 3320,
        .browser = slice_of("Firefox"),
        .os = slice_of("Linux"),
        .device = slice_of("desktop"),
        .has_user_agent = true,
        .clock_skew_ms = -5,
        .has_clock_skew = true,
        .flags = {"future", "masked"},
        .flag_count = 2,
    };
    char *json = written("{\"service\":\"s\\n\",\"action\":\"\\u0061\",\"userId\":\"u\\\"\","
                         "\"severity\":\"critical\",\"metadata\":{ \"k\" :"
                         " \" v \" },\"resource\":{\"name\":\"R\"},\"changes\":[ "
                         "{\"field\":\"f\",\"old\":1} ],\"outcome\":\"success\","
                         "\"message\":\"m\",\"tags\":[ \"x\", \"y\" "
                         "],\"ip\":\"1.2.3.4\",\"userAgent\":\"ua\",\"sessionId\":\"se\","
                         "\"requestId\":\"re\",\"traceparent\":\"tp\",\"dropped\":1}",
                         &envelope, &enrichment);
    assert_string_equal(
        json,
        "{\"_id\":\"t1/"
        "abc\",\"hash\":\"0123456789abcdef\",\"src\":\"3:120:1763805600000\",\"tenant\":\"t1\","
        "\"service\":\"s\\n\",\"action\":\"a\",\"userId\":\"u\\\"\",\"severity\":\"critical\","
        "\"timestamp\":\"2025-11-22T09:59:59.999Z\",\"createdAt\":\"2025-11-22T10:00:00.000Z\","
        "\"source\":\"http\","
        "\"metadata\":{\"k\":\" v \"},\"actor\":{\"id\":\"u\\\"\"},\"resource\":{\"name\":\"R\"},"
        "\"changes\":[{\"field\":\"f\",\"old\":1}],\"outcome\":\"success\",\"message\":\"m\","
        "\"tags\":[\"x\",\"y\"],"
        "\"ip\":\"1.2.3.4\",\"userAgent\":\"ua\",\"sessionId\":\"se\",\"requestId\":\"re\","
        "\"traceparent\":\"tp\","
        "\"enriched\":{\"verb\":\"login\",\"object\":\"user\",\"ipClass\":\"public\",\"ipVersion\":"
        "4,\"country\":\"DE\","
        "\"city\":\"K\xc3\xb6ln\",\"asn\":3320,\"browser\":\"Firefox\",\"os\":\"Linux\",\"device\":"
        "\"desktop\","
        "\"bot\":false,\"clockSkewMs\":-5,\"flags\":[\"future\",\"masked\"]}}");
    free(json);
}

TEST(the_default_tenant_is_not_in_the_id)
{
    AUTO_BUF out = {0};
    enriched_add_id(&out, slice_of("default"), slice_of("x:1"));
    assert_string_equal(buf_text(&out), "x:1");
    buf_clear(&out);
    enriched_add_id(&out, slice_of("t"), slice_of("x:1"));
    assert_string_equal(buf_text(&out), "t/x:1");
}

TEST(the_head_is_read_without_the_rest)
{
    struct envelope envelope = example_envelope();
    struct enrichment enrichment = {0};
    struct enriched_head head = {0};
    char *json = written("{\"service\":\"s\",\"action\":\"a\"}", &envelope, &enrichment);
    assert_true(enriched_read_head(slice_of(json), &head));
    assert_true(slice_is(head.id, "t1/abc"));
    assert_true(slice_is(head.src, "3:120:1763805600000"));
    assert_true(head.hash == 0x0123456789abcdef);
    free(json);
}

TEST(a_head_of_another_shape_is_refused)
{
    static const char *const texts[] = {
        "",
        "{}",
        "{\"_id\":\"a",
        "{\"_id\":\"a\"}",
        "{\"_id\":\"a\",\"hash\":\"0123\",\"src\":\"1:2:3\"}",
        "{\"_id\":\"a\",\"hash\":\"0123456789abcdeg\",\"src\":\"1:2:3\"}",
        "{\"_id\":\"a\",\"hash\":\"0123456789abcdef\"}",
        "{\"_id\":\"a\",\"hash\":\"0123456789abcdef\",\"src\":\"1",
        "{\"hash\":\"0123456789abcdef\",\"_id\":\"a\",\"src\":\"1:2:3\"}",
    };
    struct enriched_head head = {.hash = 7};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(enriched_read_head(slice_of(texts[i]), &head));
    assert_int_equal(head.hash, 7);
}

static uint64_t hash_of(const char *json)
{
    struct reading_result result = read_record(json, &http);
    assert_int_equal(result.faults, 0);
    uint64_t hash = record_content_hash(&result.record);
    reading_result_done(&result);
    return hash;
}

static const char original[] = "{\"service\":\"s\",\"action\":\"a\",\"userId\":\"u\",\"metadata\":{"
                               "\"a\":[1,\" \"]},\"tags\":[\"x\"],"
                               "\"timestamp\":\"2026-11-22T10:00:00Z\"}";

TEST(a_retry_has_the_same_hash_whatever_its_look)
{
    static const char *const same[] = {
        "{\"id\":\"i\",\"service\":\"s\",\"action\":\"a\",\"userId\":\"u\",\"metadata\":{\"a\":[1,"
        "\" \"]},\"tags\":[\"x\"],"
        "\"timestamp\":\"2026-11-22T10:00:00Z\",\"createdAt\":\"2020-01-01\",\"unknown\":1}",
        "{ \"tags\" : [ \"x\" ], \"metadata\" : { \"a\" : [ 1, \" \" ] "
        "},\n\"userId\":\"u\",\"action\":\"\\u0061\","
        "\"service\":\"s\",\"timestamp\":\"2026-11-22T12:00:00.000+02:00\",\"severity\":\"info\","
        "\"tenant\":\"z\"}",
        "{\"service\":\"s\",\"action\":\"a\",\"actor\":{\"id\":\"u\"},\"metadata\":{\"a\":[1,\" "
        "\"]},\"tags\":[\"x\"],"
        "\"timestamp\":\"2026-11-22T10:00:00Z\"}",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_true(hash_of(same[i]) == hash_of(original));
}

TEST(each_member_counts_in_the_hash)
{
    static const char *const others[] = {
        "\"service\":\"t\"",
        "\"action\":\"b\"",
        "\"userId\":\"v\"",
        "\"severity\":\"warn\"",
        "\"outcome\":\"success\"",
        "\"outcome\":\"failure\"",
        "\"timestamp\":\"2026-11-22T10:00:00.001Z\"",
        "\"timestamp\":\"1970-01-01\"",
        "\"metadata\":{}",
        "\"metadata\":{\"a\":1}",
        "\"actor\":{\"id\":\"q\"}",
        "\"actor\":{\"type\":\"q\"}",
        "\"actor\":{\"name\":\"q\"}",
        "\"resource\":{\"id\":\"q\"}",
        "\"resource\":{\"type\":\"q\"}",
        "\"resource\":{\"name\":\"q\"}",
        "\"changes\":[]",
        "\"message\":\"q\"",
        "\"tags\":[]",
        "\"ip\":\"q\"",
        "\"userAgent\":\"q\"",
        "\"sessionId\":\"q\"",
        "\"requestId\":\"q\"",
        "\"traceparent\":\"q\"",
        "\"x\":0",
    };
    enum { COUNT = sizeof others / sizeof *others };
    uint64_t hashes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char *json = text_of("{\"service\":\"s\",\"action\":\"a\",%s}", others[i]);
        hashes[i] = hash_of(json);
        free(json);
        for (size_t j = 0; j < i; j++)
            assert_true(hashes[i] != hashes[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_record_has_what_is_required_and_nothing_more),
        cmocka_unit_test(a_full_record_has_every_member_in_the_contract_s_order),
        cmocka_unit_test(the_default_tenant_is_not_in_the_id),
        cmocka_unit_test(the_head_is_read_without_the_rest),
        cmocka_unit_test(a_head_of_another_shape_is_refused),
        cmocka_unit_test(a_retry_has_the_same_hash_whatever_its_look),
        cmocka_unit_test(each_member_counts_in_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
