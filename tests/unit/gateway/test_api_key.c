/* SPDX-License-Identifier: MIT */
#include "gateway/api_key.h"

#include "tests/unit/test.h"

static const char sample[] = "als_0123456789abcdef_"
                             "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

TEST(a_key_made_is_a_key_read)
{
    char key[KEY_LEN + 1], other[KEY_LEN + 1];
    struct slice id;
    struct err err;
    assert_int_equal(api_key_make(key, &err), OK);
    assert_int_equal(api_key_make(other, &err), OK);
    assert_int_equal(strlen(key), KEY_LEN);
    assert_true(api_key_parse(slice_of(key), &id));
    assert_true(api_key_id_valid(id));
    assert_memory_equal(id.data, key + 4, KEY_ID_LEN);
    assert_string_not_equal(key, other);
}

TEST(what_has_not_the_form_of_a_key_is_none)
{
    struct slice id;
    assert_true(api_key_parse(slice_of(sample), &id));
    for (size_t i = 0; i < KEY_LEN; i++) {
        char bad[KEY_LEN + 1];
        memcpy(bad, sample, sizeof bad);
        bad[i] = i < 4 || bad[i] == '_' ? 'X' : 'G';
        assert_false(api_key_parse(slice_of(bad), &id));
        bad[i] = '\0';
        assert_false(api_key_parse(slice_make(bad, KEY_LEN), &id));
        assert_false(api_key_parse(slice_make(sample, i), &id));
    }
    assert_false(api_key_parse(slice_of(""), &id));
}

TEST(the_hash_is_sha_256_each_time)
{
    static const char of_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    AUTO(key_hasher) hasher = key_hasher_new();
    unsigned char hash[KEY_HASH_LEN], parsed[KEY_HASH_LEN];
    for (int i = 0; i < 3; i++) {
        AUTO_BUF text = {0};
        key_hash(hasher, slice_of("abc"), hash);
        key_hash_render(hash, &text);
        assert_string_equal(buf_text(&text), of_abc);
        key_hash(hasher, slice_of(sample), hash);
    }
    assert_true(key_hash_parse(slice_of(of_abc), parsed));
    assert_false(key_hash_equal(parsed, hash));
    key_hash(hasher, slice_of("abc"), hash);
    assert_true(key_hash_equal(parsed, hash));
    assert_false(key_hash_parse(slice_of("ba78"), parsed));
    assert_false(key_hash_parse(slice_make("\0", 1), parsed));
}

TEST(admin_includes_the_other_scopes_and_they_nothing_else)
{
    const struct api_key admin = {.scopes = 1u << SCOPE_ADMIN};
    const struct api_key reader = {.scopes = 1u << SCOPE_READ};
    const struct api_key nobody = {.scopes = 0};
    for (enum scope s = SCOPE_NONE; s <= SCOPE_ADMIN; s++) {
        assert_true(api_key_has(&admin, s));
        assert_int_equal(api_key_has(&reader, s), s == SCOPE_NONE || s == SCOPE_READ);
        assert_int_equal(api_key_has(&nobody, s), s == SCOPE_NONE);
    }
}

TEST(scopes_are_named_in_one_order)
{
    AUTO_BUF text = {0};
    assert_int_equal(scope_bit(slice_of("write")), 0);
    assert_int_equal(scope_bit(slice_of("")), 0);
    scopes_render(scope_bit(slice_of("admin")) | scope_bit(slice_of("ingest")), &text);
    scopes_render(0, &text);
    assert_string_equal(buf_text(&text), "[\"ingest\",\"admin\"][]");
}

TEST(a_key_ends_at_its_time_if_it_has_one)
{
    const struct api_key endless = {.expires_ms = 0}, ends = {.expires_ms = 100};
    assert_false(api_key_expired(&endless, INT64_MAX));
    assert_false(api_key_expired(&ends, 99));
    assert_true(api_key_expired(&ends, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_made_is_a_key_read),
        cmocka_unit_test(what_has_not_the_form_of_a_key_is_none),
        cmocka_unit_test(the_hash_is_sha_256_each_time),
        cmocka_unit_test(admin_includes_the_other_scopes_and_they_nothing_else),
        cmocka_unit_test(scopes_are_named_in_one_order),
        cmocka_unit_test(a_key_ends_at_its_time_if_it_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
