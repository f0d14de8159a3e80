/* SPDX-License-Identifier: MIT */
#include "gateway/key_set.h"

#include "tests/unit/test.h"

#include <stdio.h>

static void add(struct key_set *set, unsigned n, const char *tenant)
{
    struct api_key key = {.scopes = 1u << SCOPE_READ, .expires_ms = n};
    snprintf(key.id, sizeof key.id, "%016x", n * 2654435761u);
    snprintf(key.tenant, sizeof key.tenant, "%s", tenant);
    memset(key.hash, (int)n, sizeof key.hash);
    key_set_add(set, &key);
}

static struct api_key *find(struct key_set *set, unsigned n)
{
    char id[KEY_ID_LEN + 1];
    snprintf(id, sizeof id, "%016x", n * 2654435761u);
    return key_set_find(set, slice_of(id));
}

TEST(every_key_is_found_and_no_other)
{
    struct key_set *set = key_set_new();
    assert_null(find(set, 1));
    for (unsigned i = 0; i < 1000; i++)
        add(set, i, "t");
    key_set_finish(set);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(find(set, i)->expires_ms, i);
    assert_null(find(set, 1000));
    assert_null(key_set_find(set, slice_of("short")));
    assert_non_null(key_set_at(set, 999));
    assert_null(key_set_at(set, 1000));
    key_set_unref(set);
}

TEST(more_keys_than_a_gateway_keeps_are_left_out)
{
    struct key_set *set = key_set_new();
    for (unsigned i = 0; i < KEYS_MAX + 10; i++)
        add(set, i, "t");
    key_set_finish(set);
    assert_null(key_set_at(set, KEYS_MAX));
    key_set_unref(set);
}

TEST(a_set_lives_as_long_as_anyone_holds_it)
{
    struct key_set *set = key_set_new();
    add(set, 1, "t");
    key_set_finish(set);
    struct key_set *mine = key_set_ref(set);
    key_set_unref(set);
    assert_non_null(find(mine, 1));
    key_set_unref(mine);
    key_set_unref(NULL);
}

TEST(a_tenant_has_its_limit_or_none)
{
    struct key_set *set = key_set_new();
    key_set_add_limit(set, slice_of("b"), 5);
    key_set_add_limit(set, slice_of("a"), 7);
    key_set_add_limit(set, slice_of("not a tenant"), 9);
    key_set_finish(set);
    assert_int_equal(key_set_limit(set, slice_of("a")), 7);
    assert_int_equal(key_set_limit(set, slice_of("b")), 5);
    assert_int_equal(key_set_limit(set, slice_of("c")), -1);
    assert_int_equal(key_set_limit(set, slice_of("not a tenant")), -1);
    key_set_unref(set);
}

TEST(json_and_back_is_the_same_in_any_order)
{
    struct key_set *set = key_set_new(), *other = key_set_new(), *read = NULL;
    AUTO_BUF one = {0};
    AUTO_BUF two = {0};
    AUTO_BUF three = {0};
    struct err err;
    struct slice source = slice_of("mongodb://a \"b\"");
    for (unsigned i = 0; i < 20; i++) {
        add(set, i, "t");
        add(other, 19 - i, "t");
    }
    key_set_add_limit(set, slice_of("t"), 5);
    key_set_add_limit(other, slice_of("t"), 5);
    key_set_finish(set);
    key_set_finish(other);
    key_set_render(set, source, &one);
    key_set_render(other, source, &two);
    assert_string_equal(buf_text(&one), buf_text(&two));
    assert_int_equal(key_set_parse(buf_slice(&one), source, &read, &err), OK);
    key_set_render(read, source, &three);
    assert_string_equal(buf_text(&one), buf_text(&three));
    key_set_unref(set);
    key_set_unref(other);
    key_set_unref(read);
}

TEST(a_list_of_another_store_is_refused)
{
    struct key_set *set = key_set_new(), *read = NULL;
    AUTO_BUF text = {0};
    struct err err;
    add(set, 1, "t");
    key_set_render(set, slice_of("mongodb://a one"), &text);
    assert_int_equal(key_set_parse(buf_slice(&text), slice_of("mongodb://a two"), &read, &err),
                     REJECT);
    assert_null(read);
    key_set_unref(set);
}

TEST(whatever_is_no_list_of_keys_is_refused)
{
#define KEY(id, tenant, hash, expires)                                                             \
    "{\"source\":\"s\",\"keys\":[{\"id\":\"" id "\",\"hash\":\"" hash "\",\"tenant\":\"" tenant    \
    "\",\"scopes\":[\"read\"],\"expiresMs\":" expires "}],\"limits\":[]}"
#define ID "0123456789abcdef"
#define HASH ID ID ID ID
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "null",
        "{\"source\":\"s\"}",
        "{\"source\":\"s\",\"keys\":[1],\"limits\":[]}",
        "{\"source\":\"s\",\"keys\":{},\"limits\":[]}",
        "{\"source\":\"s\",\"keys\":[],\"limits\":[{\"tenant\":\"t\",\"perMinute\":-1}]}",
        KEY("0123456789abcdeg", "t", HASH, "0"),
        KEY("", "t", HASH, "0"),
        KEY(ID, "a b", HASH, "0"),
        KEY(ID, "", HASH, "0"),
        KEY(ID, "t", "ab", "0"),
        KEY(ID, "t", HASH, "\"\""),
        KEY(ID, "t", HASH, "-5"),
    };
    struct key_set *read = NULL;
    struct err err;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(key_set_parse(slice_of(bad[i]), slice_of("s"), &read, &err), REJECT);
    const char *good = KEY(ID, "t", HASH, "0");
    assert_int_equal(key_set_parse(slice_of(good), slice_of("s"), &read, &err), OK);
    assert_non_null(key_set_find(read, slice_of(ID)));
    key_set_unref(read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_found_and_no_other),
        cmocka_unit_test(more_keys_than_a_gateway_keeps_are_left_out),
        cmocka_unit_test(a_set_lives_as_long_as_anyone_holds_it),
        cmocka_unit_test(a_tenant_has_its_limit_or_none),
        cmocka_unit_test(json_and_back_is_the_same_in_any_order),
        cmocka_unit_test(a_list_of_another_store_is_refused),
        cmocka_unit_test(whatever_is_no_list_of_keys_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
