/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "indexer/reject_document.h"

struct made {
    bson_t selector, update;
    bson_iter_t doc;
};

static void make(struct made *m, struct slice value, rd_kafka_headers_t *headers)
{
    const struct reject_letter letter = {"logs-dlq", 0, 7, 1000, slice_of("k"), value, headers};
    bson_iter_t at;

    bson_init(&m->selector);
    bson_init(&m->update);
    reject_document(&letter, &m->selector, &m->update);
    assert_true(bson_iter_init_find(&at, &m->update, "$setOnInsert"));
    assert_true(bson_iter_recurse(&at, &m->doc));
    rd_kafka_headers_destroy(headers);
}

static void done(struct made *m)
{
    bson_destroy(&m->selector);
    bson_destroy(&m->update);
}

static bson_iter_t member(const struct made *m, const char *name)
{
    bson_iter_t at = m->doc, found;

    assert_true(bson_iter_find_descendant(&at, name, &found));
    return found;
}

static void assert_text(const struct made *m, const char *name, const char *text)
{
    bson_iter_t at = member(m, name);

    assert_string_equal(bson_iter_utf8(&at, NULL), text);
}

static void assert_bytes(const struct made *m, const char *name, const void *bytes, size_t len)
{
    bson_iter_t at = member(m, name);
    const uint8_t *data;
    uint32_t got;

    bson_iter_binary(&at, NULL, &got, &data);
    assert_int_equal(got, len);
    assert_memory_equal(data, bytes, len);
}

static bool is_truncated(const struct made *m)
{
    bson_iter_t at = member(m, "truncated");

    return bson_iter_bool(&at);
}

static rd_kafka_headers_t *headers_of_processor(void)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(8);

    rd_kafka_header_add(headers, "als.error.stage", -1, "processor", -1);
    rd_kafka_header_add(headers, "als.error.reason", -1, "malformed_json", -1);
    rd_kafka_header_add(headers, "als.error.topic", -1, "logs", -1);
    rd_kafka_header_add(headers, "als.error.partition", -1, "3", -1);
    rd_kafka_header_add(headers, "als.error.offset", -1, "120", -1);
    return headers;
}

TEST(the_id_is_the_place_of_the_record_that_was_refused)
{
    struct made m;
    bson_iter_t at;

    make(&m, slice_of("{"), headers_of_processor());
    assert_true(bson_iter_init_find(&at, &m.selector, "_id"));
    assert_string_equal(bson_iter_utf8(&at, NULL), "logs:3:120");
    assert_text(&m, "stage", "processor");
    assert_text(&m, "reason", "malformed_json");
    assert_text(&m, "state", "open");
    assert_text(&m, "tenant", "default");
    assert_false(is_truncated(&m));
    done(&m);
}

TEST(a_letter_that_says_no_place_has_its_own)
{
    struct made m;
    bson_iter_t at;

    make(&m, slice_of("?"), rd_kafka_headers_new(1));
    assert_true(bson_iter_init_find(&at, &m.selector, "_id"));
    assert_string_equal(bson_iter_utf8(&at, NULL), "logs-dlq:0:7");
    done(&m);
}

TEST(tenant_and_user_are_read_from_the_record)
{
    struct made m;

    make(&m, slice_of("{\"tenant\":\"t1\",\"actor\":{\"id\":\"ada\"},\"service\":1}"),
         headers_of_processor());
    assert_text(&m, "tenant", "t1");
    assert_text(&m, "userId", "ada");
    done(&m);
}

TEST(the_gateways_word_on_the_tenant_counts_before_the_records)
{
    struct made m;
    rd_kafka_headers_t *headers = headers_of_processor();

    rd_kafka_header_add(headers, "als.tenant", -1, "t2", -1);
    make(&m, slice_of("{\"tenant\":\"t1\"}"), headers);
    assert_text(&m, "tenant", "t2");
    assert_text(&m, "headers.0.name", "als.tenant");
    assert_bytes(&m, "headers.0.value", "t2", 2);
    done(&m);
}

static int64_t received(const char *value, const char *by_header)
{
    struct made m;
    rd_kafka_headers_t *headers = headers_of_processor();

    if (by_header)
        rd_kafka_header_add(headers, "als.error.received", -1, by_header, -1);
    make(&m, slice_of(value), headers);
    bson_iter_t at = member(&m, "receivedAt");
    int64_t ms = bson_iter_date_time(&at);
    done(&m);
    return ms;
}

TEST(when_it_was_received_is_told_by_the_letter_or_the_record_and_was_before_the_refusal)
{
    static const char ours[] = "{\"createdAt\":\"1970-01-01T00:00:00.400Z\"}";

    assert_int_equal(received("{", "1970-01-01T00:00:00.500Z"), 500);
    assert_int_equal(received(ours, "1970-01-01T00:00:00.500Z"), 500);
    assert_int_equal(received(ours, NULL), 400);
    assert_int_equal(received("{", NULL), 1000);
    assert_int_equal(received("{", "soon"), 1000);
    assert_int_equal(received("{\"createdAt\":\"2970-01-01\"}", NULL), 1000);
}

TEST(bytes_that_are_no_text_are_kept_as_they_are)
{
    static const char bytes[] = {'\xff', '\0', '{'};
    struct made m;

    make(&m, slice_make(bytes, sizeof bytes), headers_of_processor());
    assert_bytes(&m, "value", bytes, sizeof bytes);
    done(&m);
}

TEST(a_huge_value_is_cut_and_says_so)
{
    struct made m;
    char *huge = calloc(1, REJECT_VALUE_BYTES + 1);

    make(&m, slice_make(huge, REJECT_VALUE_BYTES + 1), headers_of_processor());
    free(huge);
    assert_true(is_truncated(&m));
    bson_iter_t bytes = member(&m, "valueBytes");
    assert_int_equal(bson_iter_as_int64(&bytes), REJECT_VALUE_BYTES + 1);
    assert_true(m.update.len < REJECT_VALUE_BYTES + 1000);
    done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_id_is_the_place_of_the_record_that_was_refused),
        cmocka_unit_test(a_letter_that_says_no_place_has_its_own),
        cmocka_unit_test(tenant_and_user_are_read_from_the_record),
        cmocka_unit_test(the_gateways_word_on_the_tenant_counts_before_the_records),
        cmocka_unit_test(
            when_it_was_received_is_told_by_the_letter_or_the_record_and_was_before_the_refusal),
        cmocka_unit_test(bytes_that_are_no_text_are_kept_as_they_are),
        cmocka_unit_test(a_huge_value_is_cut_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
