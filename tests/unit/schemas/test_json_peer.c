/* SPDX-License-Identifier: MIT */
/* What our reader accepts and sees, json-c accepts and sees too. json-c takes more than RFC 8259
 * allows, so the other way round is not claimed. */
#include "schemas/json.h"

#include <json-c/json.h>

#include "tests/unit/test.h"

enum { DEPTH = 32, MUTANTS = 200000 };

static const char *const seeds[] = {
    "{\"service\":\"a\",\"action\":\"b.c\",\"n\":[0,-1.5e+3,true,false,null,{\"k\":[]}]}",
    "[{\"\\u00e9\\n\\\"\":\"\xc3\xa9\"},\"\\ud83d\\ude00\",{},[[]],\"a\\\\b\",12345678901234]",
    " { \"a\" : { \"b\" : [ 1 , 2 ] } , \"a\" : \"last\" , \"\" : \"\\/\" } ",
};

static bool same(struct json_value ours, json_object *theirs);

static bool same_text(struct json_value ours, json_object *theirs)
{
    AUTO_BUF arena = {0};

    buf_reserve(&arena, ours.raw.len);
    return slice_eq(
        json_text(ours, &arena),
        slice_make(json_object_get_string(theirs), (size_t)json_object_get_string_len(theirs)));
}

static bool same_elements(struct json_value ours, json_object *theirs)
{
    struct json_iter it = json_iter(ours);
    struct json_value value;
    size_t count = 0;

    for (; json_next(&it, NULL, &value); count++) {
        if (!same(value, json_object_array_get_idx(theirs, count)))
            return false;
    }
    return count == json_object_array_length(theirs);
}

/* Of equal keys the last counts, so every member of theirs is looked for in ours. */
static bool same_members(struct json_value ours, json_object *theirs)
{
    json_object_object_foreach(theirs, name, member)
    {
        struct json_iter it = json_iter(ours);
        struct json_value key, value, last = {0};

        while (json_next(&it, &key, &value)) {
            if (json_key_is(key, name))
                last = value;
        }
        if (!last.raw.data || !same(last, member))
            return false;
    }
    return true;
}

static bool same(struct json_value ours, json_object *theirs)
{
    switch (ours.type) {
    case JSON_NULL:
        return theirs == NULL;
    case JSON_FALSE:
    case JSON_TRUE:
        return json_object_is_type(theirs, json_type_boolean) &&
               json_object_get_boolean(theirs) == (ours.type == JSON_TRUE);
    case JSON_NUMBER:
        return json_object_is_type(theirs, json_type_int) ||
               json_object_is_type(theirs, json_type_double);
    case JSON_STRING:
        return json_object_is_type(theirs, json_type_string) && same_text(ours, theirs);
    case JSON_ARRAY:
        return json_object_is_type(theirs, json_type_array) && same_elements(ours, theirs);
    case JSON_OBJECT:
        return json_object_is_type(theirs, json_type_object) && same_members(ours, theirs);
    }
    return false;
}

/* Where json-c 0.16 is known to be wrong: it cuts a key at an escaped NUL, and takes some pairs of
 * surrogates, such as \ud837\ude00, for a broken character. */
static bool json_c_errs(const char *text, size_t len)
{
    const char *pair = memmem(text, len, "\\ud8", 4);

    return memmem(text, len, "\\u0000", 6) || (pair && strncmp(pair, "\\ud83d\\ude00", 12) != 0);
}

/* 1 when both accept it and see the same, 0 when ours refuses it, -1 when they differ. */
static int compare(const char *text, size_t len)
{
    struct slice bytes = slice_make(text, len);
    struct err err;
    struct json_tokener *tokener;
    json_object *theirs;
    int verdict;

    if (json_c_errs(text, len) || json_check(bytes, DEPTH - 1, &err) != OK)
        return 0;
    tokener = json_tokener_new_ex(DEPTH);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    theirs = json_tokener_parse_ex(tokener, text, (int)len + 1); /* the NUL ends a number */
    verdict =
        json_tokener_get_error(tokener) == json_tokener_success && same(json_root(bytes), theirs)
            ? 1
            : -1;
    json_object_put(theirs);
    json_tokener_free(tokener);
    return verdict;
}

TEST(whole_texts_are_seen_alike)
{
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
        assert_int_equal(compare(seeds[i], strlen(seeds[i])), 1);
}

TEST(mutated_texts_that_we_accept_are_seen_alike)
{
    static const char alphabet[] = "{}[]\",:\\ue+-.0179tfn \x80\xc3\xed\xa0";
    unsigned dice = 1;
    size_t both = 0;

    for (int i = 0; i < MUTANTS; i++) {
        char text[128];
        const char *seed = seeds[(size_t)i % (sizeof seeds / sizeof seeds[0])];
        size_t len = strlen(seed);
        int verdict;

        memcpy(text, seed, len + 1);
        for (int change = 0; change <= i % 3; change++) {
            size_t at, to;

            dice = dice * 1664525U + 1013904223U; /* Numerical Recipes' generator */
            at = (dice >> 8) % len;
            dice = dice * 1664525U + 1013904223U;
            to = (dice >> 8) % (sizeof alphabet - 1);
            text[at] = alphabet[to];
        }
        verdict = compare(text, len);
        if (verdict < 0)
            fail_msg("json-c sees another text: %s", text);
        both += verdict == 1;
    }
    assert_true(both > MUTANTS / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_texts_are_seen_alike),
        cmocka_unit_test(mutated_texts_that_we_accept_are_seen_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
