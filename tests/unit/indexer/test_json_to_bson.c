/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "indexer/json_to_bson.h"

#include <float.h>

/* Converts `{"v": <json>}`'s member v; the caller destroys the document. */
static bson_t *convert(const char *json, size_t len, enum result *ret)
{
    struct json_to_bson c = {0};
    struct err err;
    AUTO_BUF text = {0};
    bson_t *doc = bson_new();
    size_t count;

    buf_add_text(&text, "{\"v\":");
    buf_add(&text, json, len);
    buf_add_text(&text, "}");
    assert_int_equal(json_check(buf_slice(&text), 64, &err), OK);
    json_to_bson_begin(&c, json_root(buf_slice(&text)), &count);
    assert_int_equal(count, 1);
    *ret = json_to_bson_add(&c, doc, json_to_bson_member(&c, 0).key,
                            json_to_bson_member(&c, 0).value, &err);
    json_to_bson_done(&c);
    return doc;
}

static bson_iter_t value_of(const bson_t *doc)
{
    bson_iter_t it;

    assert_true(bson_iter_init_find(&it, doc, "v"));
    return it;
}

/* Compared as MongoDB's extended JSON, which tells types apart. */
static void assert_converted(const char *json, const char *expected)
{
    enum result result;
    bson_t *doc = convert(json, strlen(json), &result);
    char *shown = bson_as_canonical_extended_json(doc, NULL);

    assert_int_equal(result, OK);
    assert_string_equal(shown, expected);
    bson_free(shown);
    bson_destroy(doc);
}

TEST(integers_take_the_smallest_type_that_holds_them)
{
    assert_converted("2147483647", "{ \"v\" : { \"$numberInt\" : \"2147483647\" } }");
    assert_converted("2147483648", "{ \"v\" : { \"$numberLong\" : \"2147483648\" } }");
    assert_converted("-2147483648", "{ \"v\" : { \"$numberInt\" : \"-2147483648\" } }");
    assert_converted("9223372036854775807",
                     "{ \"v\" : { \"$numberLong\" : \"9223372036854775807\" } }");
}

TEST(other_numbers_become_doubles)
{
    assert_converted("1.5", "{ \"v\" : { \"$numberDouble\" : \"1.5\" } }");
    assert_converted("1e3", "{ \"v\" : { \"$numberDouble\" : \"1000.0\" } }");
    assert_converted("9223372036854775808",
                     "{ \"v\" : { \"$numberDouble\" : \"9223372036854775808.0\" } }");
}

TEST(a_number_beyond_every_double_stays_finite)
{
    enum result result;
    bson_t *doc = convert("-1e999", 6, &result);
    bson_iter_t it = value_of(doc);

    assert_int_equal(result, OK);
    assert_true(bson_iter_double(&it) == -DBL_MAX);
    bson_destroy(doc);
}

TEST(literals_arrays_and_objects_keep_their_shape)
{
    assert_converted("[null,true,{\"a\":[]},{}]",
                     "{ \"v\" : [ null, true, { \"a\" : [  ] }, {  } ] }");
}

TEST(the_last_of_equal_keys_counts_among_few)
{
    assert_converted("{\"a\":1,\"b\":2,\"\\u0061\":3}",
                     "{ \"v\" : { \"b\" : { \"$numberInt\" : \"2\" }, \"a\" : { \"$numberInt\" : "
                     "\"3\" } } }");
}

TEST(the_last_of_equal_keys_counts_among_many)
{
    enum result result;
    AUTO_BUF json = {0};
    bson_t *doc;
    bson_iter_t it, member;
    int seen = 0;

    buf_add_char(&json, '{');
    for (int i = 0; i < 5000; i++)
        buf_printf(&json, "%s\"k%d\":%d", i ? "," : "", i % 100, i);
    buf_add_char(&json, '}');
    doc = convert(json.data, json.len, &result);
    it = value_of(doc);
    assert_true(bson_iter_recurse(&it, &member));
    for (; bson_iter_next(&member); seen++)
        assert_int_equal(bson_iter_int32(&member), 4900 + seen);
    assert_int_equal(seen, 100);
    bson_destroy(doc);
    buf_done(&json);
}

TEST(text_may_hold_nul)
{
    enum result result;
    const char json[] = "\"a\\u0000b\"";
    bson_t *doc = convert(json, sizeof json - 1, &result);
    bson_iter_t it = value_of(doc);
    uint32_t len;
    const char *text = bson_iter_utf8(&it, &len);

    assert_int_equal(result, OK);
    assert_int_equal(len, 3);
    assert_memory_equal(text, "a\0b", 3);
    bson_destroy(doc);
}

TEST(a_key_may_not_hold_nul)
{
    enum result result;
    const char json[] = "{\"a\\u0000b\":1}";
    bson_t *doc = convert(json, sizeof json - 1, &result);

    assert_int_equal(result, REJECT);
    bson_destroy(doc);
}

TEST(dollars_dots_and_empty_keys_are_kept)
{
    assert_converted("{\"$a\":1,\"b.c\":2,\"\":3}",
                     "{ \"v\" : { \"$a\" : { \"$numberInt\" : \"1\" }, \"b.c\" : { \"$numberInt\" "
                     ": \"2\" }, \"\" : { \"$numberInt\" : \"3\" } } }");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_take_the_smallest_type_that_holds_them),
        cmocka_unit_test(other_numbers_become_doubles),
        cmocka_unit_test(a_number_beyond_every_double_stays_finite),
        cmocka_unit_test(literals_arrays_and_objects_keep_their_shape),
        cmocka_unit_test(the_last_of_equal_keys_counts_among_few),
        cmocka_unit_test(the_last_of_equal_keys_counts_among_many),
        cmocka_unit_test(text_may_hold_nul),
        cmocka_unit_test(a_key_may_not_hold_nul),
        cmocka_unit_test(dollars_dots_and_empty_keys_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
