/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/mem.h"
#include "indexer/document.h"

static const char whole[] =
    "{\"_id\":\"t1/abc\",\"hash\":\"0123456789abcdef\",\"src\":\"3:120:1763805600000\","
    "\"tenant\":\"t1\",\"service\":\"auth\",\"action\":\"login\",\"userId\":\"u1\","
    "\"severity\":\"info\",\"timestamp\":\"2026-11-22T10:00:00.000Z\","
    "\"createdAt\":\"2026-11-22T10:00:01.250Z\",\"source\":\"http\","
    "\"metadata\":{\"createdAt\":\"yesterday\",\"n\":1},\"enriched\":{\"flags\":[]}}";

/* `whole` with the first `from` in it made `to`. */
static char *changed(const char *from, const char *to)
{
    const char *at = strstr(whole, from);
    char *text;

    assert_non_null(at);
    text = mem_alloc(sizeof whole + strlen(to));
    sprintf(text, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    return text;
}

static void assert_refused(const char *json, const char *why)
{
    AUTO(document_reader) r = document_reader_new(90);
    bson_t *doc = NULL;
    struct err err;

    assert_int_equal(document_read(r, slice_of(json), &doc, &err), REJECT);
    assert_null(doc);
    assert_memory_equal(err.text, why, strlen(why));
}

static void assert_change_refused(const char *from, const char *to, const char *why)
{
    char *json = changed(from, to);

    assert_refused(json, why);
    free(json);
}

TEST(a_record_keeps_its_members_and_gets_an_end)
{
    AUTO(document_reader) r = document_reader_new(90);
    bson_t *doc;
    struct err err;
    bson_iter_t it;

    assert_int_equal(document_read(r, slice_of(whole), &doc, &err), OK);
    assert_true(bson_iter_init(&it, doc));
    assert_true(bson_iter_next(&it));
    assert_string_equal(bson_iter_key(&it), "_id");
    assert_true(bson_iter_find(&it, "timestamp"));
    assert_int_equal(bson_iter_date_time(&it), 1795341600000);
    assert_true(bson_iter_find(&it, "createdAt"));
    assert_int_equal(bson_iter_date_time(&it), 1795341601250);
    assert_true(bson_iter_find(&it, "expireAt"));
    assert_int_equal(bson_iter_date_time(&it), 1795341601250 + 90 * INT64_C(86400000));
    assert_false(bson_iter_next(&it));
    assert_true(bson_iter_init(&it, doc));
    assert_true(bson_iter_find_descendant(&it, "metadata.createdAt", &it));
    assert_string_equal(bson_iter_utf8(&it, NULL), "yesterday");
    bson_destroy(doc);
}

TEST(a_document_tells_its_place)
{
    AUTO(document_reader) r = document_reader_new(90);
    bson_t *doc;
    struct err err;
    struct document_place place;

    assert_int_equal(document_read(r, slice_of(whole), &doc, &err), OK);
    place = document_place(doc);
    assert_true(slice_is(place.id, "t1/abc"));
    assert_true(slice_is(place.src, "3:120:1763805600000"));
    assert_true(slice_is(place.hash, "0123456789abcdef"));
    bson_destroy(doc);
}

TEST(a_document_without_a_place_tells_none)
{
    bson_t doc = BSON_INITIALIZER;

    BSON_APPEND_INT32(&doc, "src", 5);
    assert_null(document_place(&doc).src.data);
    assert_null(document_place(&doc).id.data);
    bson_destroy(&doc);
}

TEST(garbage_is_malformed)
{
    assert_refused("", "malformed_json: ");
    assert_refused("\xff\xfe", "malformed_json: ");
    assert_refused("{\"_id\":\"x\"", "malformed_json: ");
    assert_refused("{} {}", "malformed_json: ");
}

TEST(what_is_no_enriched_record_is_refused)
{
    assert_refused("[]", "validation_error: ");
    assert_refused("{}", "validation_error: \"_id\" is required");
    assert_change_refused("\"service\":\"auth\",", "", "validation_error: \"service\" is required");
    assert_change_refused("\"auth\"", "[\"auth\"]", "validation_error: \"service\" must be");
    assert_change_refused("\"u1\"", "7", "validation_error: \"userId\" must be a string");
    assert_change_refused("\"2026-11-22T10:00:00.000Z\"", "\"soon\"",
                          "validation_error: \"timestamp\" must be in ISO 8601");
    assert_change_refused("\"2026-11-22T10:00:01.250Z\"", "5", "validation_error: \"createdAt\"");
    assert_change_refused("\"n\":1", "\"a\\u0000\":1", "validation_error: a key");
}

TEST(a_record_without_user_is_fine)
{
    AUTO(document_reader) r = document_reader_new(1);
    char *json = changed("\"userId\":\"u1\",", "");
    bson_t *doc;
    struct err err;

    assert_int_equal(document_read(r, slice_of(json), &doc, &err), OK);
    bson_destroy(doc);
    free(json);
}

TEST(an_end_of_its_own_gains_nothing)
{
    AUTO(document_reader) r = document_reader_new(1);
    char *json = changed("\"source\"", "\"expireAt\":\"never\",\"source\"");
    bson_t *doc;
    struct err err;
    bson_iter_t it;

    assert_int_equal(document_read(r, slice_of(json), &doc, &err), OK);
    assert_true(bson_iter_init_find(&it, doc, "expireAt"));
    assert_int_equal(bson_iter_date_time(&it), 1795341601250 + 86400000);
    assert_false(bson_iter_find(&it, "expireAt"));
    bson_destroy(doc);
    free(json);
}

TEST(a_huge_value_is_too_large_and_a_deep_one_malformed)
{
    size_t len = DOCUMENT_MAX_BYTES + 1;
    char *text = mem_alloc(len + 1);

    memset(text, '[', len);
    text[len] = '\0';
    assert_refused(text, "too_large: ");
    text[1000] = '\0';
    assert_refused(text, "malformed_json: ");
    free(text);
}

TEST(a_reader_goes_on_after_a_refusal)
{
    AUTO(document_reader) r = document_reader_new(90);
    bson_t *doc;
    struct err err;

    assert_int_equal(document_read(r, slice_of("{\"metadata\":{\"a\":1}}"), &doc, &err), REJECT);
    assert_int_equal(document_read(r, slice_of(whole), &doc, &err), OK);
    bson_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_keeps_its_members_and_gets_an_end),
        cmocka_unit_test(a_document_tells_its_place),
        cmocka_unit_test(a_document_without_a_place_tells_none),
        cmocka_unit_test(garbage_is_malformed),
        cmocka_unit_test(what_is_no_enriched_record_is_refused),
        cmocka_unit_test(a_record_without_user_is_fine),
        cmocka_unit_test(an_end_of_its_own_gains_nothing),
        cmocka_unit_test(a_huge_value_is_too_large_and_a_deep_one_malformed),
        cmocka_unit_test(a_reader_goes_on_after_a_refusal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
