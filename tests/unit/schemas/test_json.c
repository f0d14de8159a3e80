/* SPDX-License-Identifier: MIT */
#include "schemas/json.h"
#include "tests/unit/test.h"

#include "common/mem.h"

static bool is_json(struct slice text, unsigned max_depth)
{
    /* An own copy of just that size, so that the sanitizer sees a read past the end. */
    char *copy = mem_dup(text.len ? text.data : "", text.len);
    struct err err;
    enum result result = json_check(slice_make(copy, text.len), max_depth, &err);
    free(copy);
    return result == OK;
}

static void accept(const char *text)
{
    if (!is_json(slice_of(text), 32))
        fail_msg("refused: %s", text);
}

static void refuse(const char *text)
{
    if (is_json(slice_of(text), 32))
        fail_msg("accepted: %s", text);
}

TEST(every_kind_of_value_is_accepted)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "-1.5",
        "1e5",
        "1E+5",
        "1.25e-300",
        "\"\"",
        "\"a\"",
        "[]",
        "{}",
        "[1,2]",
        "[[],{}]",
        "{\"a\":1}",
        "{\"a\":{\"b\":[{}]},\"a\":2}",
        " \t\r\n{ \"a\" : [ 1 , \"b\" ] } \n",
        "1e400",
        "123456789012345678901234567890",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0000\\u00e9\\uD83D\\ude00\"",
        "\"\x7f\"",
        "\"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80, twenty plain bytes\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        accept(texts[i]);
}

TEST(words_and_numbers_of_other_languages_are_refused)
{
    static const char *const texts[] = {
        "",    " ",   "nul", "nulll", "True",  "NaN",   "Infinity",       "-",           "+1", "01",
        "-01", "1.",  ".5",  "1e",    "1e+",   "0x10",  "1.e5",           "1 2",         "1,", ":",
        "a",   "'a'", "\v1", "\f1",   "//\n1", "/**/1", "\xef\xbb\xbf{}", "\xc2\xa0\x31"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refuse(texts[i]);
}

TEST(containers_that_are_not_whole_are_refused)
{
    static const char *const texts[] = {
        "[",         "]",          "[1",       "[1,",    "[1,]",      "[,1]",
        "[1 2]",     "{",          "}",        "{]",     "[}",        "[1}",
        "[]]",       "{}{}",       "{,}",      "{\"a\"", "{\"a\":",   "{\"a\":1",
        "{\"a\":1,", "{\"a\":1,}", "{a:1}",    "{1:1}",  "{\"a\" 1}", "{\"a\":1 \"b\":2}",
        "{\"a\":,}", "{\"a\":1]",  "[\"a\":1]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refuse(texts[i]);
}

TEST(broken_strings_are_refused)
{
    static const char *const texts[] = {
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\",
        "\"\\x\"",
        "\"\\'\"",
        "\"\\U0041\"",
        "\"\\u\"",
        "\"\\u12\"",
        "\"\\u123\"",
        "\"\\u123g\"",
        "\"\\u-123\"",
        "\"\n\"",
        "\"\t\"",
        "\"\x1f\"",
        "\"0123456\x01\"",
        "\"01234567890\n\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\ud800\"",
        "\"\\ud800x\"",
        "\"\\ud800\\n\"",
        "\"\\ude00\\ud83d\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refuse(texts[i]);
    assert_false(is_json(slice_make("\"a\0b\"", 5), 32));
    assert_false(is_json(slice_make("1\0", 2), 32));
}

TEST(bytes_that_are_not_utf_8_are_refused)
{
    static const char *const texts[] = {
        "\"\x80\"",         "\"\xc0\x80\"",         "\"\xc1\xbf\"",         "\"\xc3\"",
        "\"\xe0\x80\x80\"", "\"\xed\xa0\x80\"",     "\"\xe2\x82\"",         "\"\xf0\x80\x80\x80\"",
        "\"\xff\"",         "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xc3\xa9\xa9\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refuse(texts[i]);
}

TEST(no_cut_of_a_text_is_accepted)
{
    static const char text[] =
        "{\"a\":[true,-1.5e+3,\"\\ud83d\\ude00\\n\xc3\xa9\"],\"b\":{\"c\":null}}";
    for (size_t len = 0; len < sizeof text - 1; len++)
        assert_false(is_json(slice_make(text, len), 32));
    assert_true(is_json(slice_make(text, sizeof text - 1), 32));
}

static bool nests(unsigned depth, unsigned max_depth)
{
    AUTO_BUF text = {0};
    for (unsigned i = 0; i < depth; i++)
        buf_add_text(&text, i % 3 ? "[" : "{\"a\":");
    buf_add_text(&text, "0");
    for (unsigned i = depth; i-- > 0;)
        buf_add_char(&text, i % 3 ? ']' : '}');
    return is_json(buf_slice(&text), max_depth);
}

TEST(nesting_is_accepted_up_to_the_limit_and_no_deeper)
{
    assert_true(nests(0, 0));
    assert_false(nests(1, 0));
    assert_true(nests(32, 32));
    assert_false(nests(33, 32));
    assert_true(nests(65, 65));
    assert_true(nests(1024, 1000000));
    assert_false(nests(1025, 1000000));
    assert_false(nests(100000, 32));
    assert_false(is_json(slice_of("[[]]"), 1));
    assert_true(is_json(slice_of("[[],[]]"), 2));
}

TEST(a_refusal_says_what_and_where)
{
    struct err err;
    assert_int_equal(json_check(slice_of("{\"a\":01}"), 32, &err), REJECT);
    assert_string_equal(err.text, "number with a leading zero at byte 7");
    assert_int_equal(json_check(slice_of("[1] x"), 32, &err), REJECT);
    assert_string_equal(err.text, "something follows the value at byte 4");
}

TEST(a_walk_gives_keys_and_values_in_order)
{
    struct json_value key, value;
    struct json_iter it = json_iter(json_root(
        slice_of(" { \"a\" : 1 , \"b\\n\":\"x\\\"}\" ,\"c\":[1,{\"]\":2}],\"d\":{},\"e\":null} ")));
    static const char *const keys[] = {"a", "b\n", "c", "d", "e"};
    static const char *const raws[] = {"1", "\"x\\\"}\"", "[1,{\"]\":2}]", "{}", "null"};
    static const enum json_kind types[] = {JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT,
                                           JSON_NULL};
    for (size_t i = 0; i < 5; i++) {
        assert_true(json_next(&it, &key, &value));
        assert_true(json_key_is(key, keys[i]));
        assert_true(slice_is(value.raw, raws[i]));
        assert_int_equal(value.type, types[i]);
    }
    assert_false(json_next(&it, &key, &value));
    assert_false(json_next(&it, &key, &value));
}

TEST(a_walk_over_an_array_leaves_the_key_alone)
{
    struct json_value value;
    struct json_iter it = json_iter(json_root(slice_of("[true,false , \"s\"]")));
    assert_true(json_next(&it, NULL, &value));
    assert_int_equal(value.type, JSON_TRUE);
    assert_true(json_next(&it, NULL, &value));
    assert_int_equal(value.type, JSON_FALSE);
    assert_true(json_next(&it, NULL, &value));
    assert_true(slice_is(value.raw, "\"s\""));
    assert_false(json_next(&it, NULL, &value));
}

TEST(a_scalar_has_nothing_to_walk_over)
{
    struct json_value value;
    struct json_iter it = json_iter(json_root(slice_of("12")));
    assert_false(json_next(&it, NULL, &value));
}

TEST(text_without_escapes_is_a_view)
{
    static const char json[] = "\"h\xc3\xa9llo\"";
    struct buf arena = {0};
    struct slice text = json_text(json_root(slice_of(json)), &arena);
    assert_ptr_equal(text.data, json + 1);
    assert_int_equal(text.len, 6);
    assert_null(arena.data);
}

TEST(text_is_unescaped)
{
    AUTO_BUF arena = {0};
    struct json_value v = json_root(
        slice_of("\"\\\"\\\\\\/\\b\\f\\n\\r\\t a\\u0041\\u00e9\\u20ac\\uD83D\\uDE00\\u0000z\""));
    static const char wanted[] = "\"\\/\b\f\n\r\t aA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0z";
    struct slice text = json_text(v, &arena);
    assert_true(v.escaped);
    assert_true(slice_eq(text, slice_make(wanted, sizeof wanted - 1)));
}

static bool key_is(const char *json, const char *text)
{
    return json_key_is(json_root(slice_of(json)), text);
}

TEST(a_key_is_compared_unescaped)
{
    assert_true(key_is("\"service\"", "service"));
    assert_true(key_is("\"serv\\u0069ce\"", "service"));
    assert_true(key_is("\"\\u0073\\u0065\"", "se"));
    assert_true(key_is("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"));
    assert_false(key_is("\"service\\u0000\"", "service"));
    assert_false(key_is("\"servic\\u0065e\"", "service"));
    assert_false(key_is("\"servic\\u0065\"", "servic"));
    assert_false(key_is("\"servic\"", "service"));
}

TEST(code_points_are_counted_not_bytes)
{
    assert_int_equal(json_code_points(slice_of("")), 0);
    assert_int_equal(json_code_points(slice_of("abc")), 3);
    assert_int_equal(json_code_points(slice_of("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 3);
}

static void assert_compact(const char *raw, const char *wanted)
{
    AUTO_BUF out = {0};
    json_add_compact(&out, slice_of(raw));
    assert_string_equal(buf_text(&out), wanted);
    assert_int_equal(json_is_compact(slice_of(raw)), strcmp(raw, wanted) == 0);
}

TEST(white_space_goes_but_not_from_text)
{
    assert_compact("{\"a\":1}", "{\"a\":1}");
    assert_compact("{ \"a b\\\" \" :\n[ 1 ,\t\"  \" ] }", "{\"a b\\\" \":[1,\"  \"]}");
    assert_compact(" { } ", "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_accepted),
        cmocka_unit_test(words_and_numbers_of_other_languages_are_refused),
        cmocka_unit_test(containers_that_are_not_whole_are_refused),
        cmocka_unit_test(broken_strings_are_refused),
        cmocka_unit_test(bytes_that_are_not_utf_8_are_refused),
        cmocka_unit_test(no_cut_of_a_text_is_accepted),
        cmocka_unit_test(nesting_is_accepted_up_to_the_limit_and_no_deeper),
        cmocka_unit_test(a_refusal_says_what_and_where),
        cmocka_unit_test(a_walk_gives_keys_and_values_in_order),
        cmocka_unit_test(a_walk_over_an_array_leaves_the_key_alone),
        cmocka_unit_test(a_scalar_has_nothing_to_walk_over),
        cmocka_unit_test(text_without_escapes_is_a_view),
        cmocka_unit_test(text_is_unescaped),
        cmocka_unit_test(a_key_is_compared_unescaped),
        cmocka_unit_test(code_points_are_counted_not_bytes),
        cmocka_unit_test(white_space_goes_but_not_from_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
