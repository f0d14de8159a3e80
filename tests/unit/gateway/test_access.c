/* SPDX-License-Identifier: MIT */
/* What a gateway knows from its cache file; what it reads from the store, tests/e2e/test_keys.py.
 */
#include "gateway/access.h"

#include "gateway/key_cache.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { NOW_MS = 1000000, THREADS = 4, LOOKUPS = 5000 };

static char path[] = "/tmp/als-access-XXXXXX";
static char uri[] = "mongodb://user:secret@a/", database[] = "logs", with_keys[] = "keys";
static char none[] = "none";
static const char source[] = "mongodb://user:***@a/ logs";
static char good[KEY_LEN + 1], expired[KEY_LEN + 1];

static struct settings settings_with(char *file, int64_t most)
{
    return (struct settings){.auth = with_keys,
                             .mongo_uri = uri,
                             .mongo_db_name = database,
                             .key_cache_file = file,
                             .max_requests_per_minute = most};
}

static void add(struct key_set *set, char text[KEY_LEN + 1], int64_t expires_ms)
{
    AUTO(key_hasher) hasher = key_hasher_new();
    struct api_key key = {.tenant = "t", .scopes = 1u << SCOPE_READ, .expires_ms = expires_ms};
    struct err err;
    assert_int_equal(api_key_make(text, &err), OK);
    memcpy(key.id, text + 4, KEY_ID_LEN);
    key_hash(hasher, slice_of(text), key.hash);
    key_set_add(set, &key);
}

static int write_cache(void **state)
{
    struct key_set *set = key_set_new();
    AUTO_BUF text = {0};
    struct err err;
    (void)state;
    close(mkstemp(path));
    add(set, good, 0);
    add(set, expired, NOW_MS);
    key_set_add_limit(set, slice_of("t"), 50);
    key_set_finish(set);
    key_set_render(set, slice_of(source), &text);
    key_set_unref(set);
    return key_cache_write(path, buf_slice(&text), &err);
}

static int remove_cache(void **state)
{
    (void)state;
    return unlink(path);
}

TEST(a_key_of_the_file_is_known_and_its_neighbours_are_not)
{
    struct settings settings = settings_with(path, 0);
    AUTO(access) a = access_new(&settings);
    struct access_reader *r = access_reader_new(a);
    const struct api_key *key = access_find(r, slice_of(good), NOW_MS);
    assert_non_null(key);
    assert_string_equal(key->tenant, "t");
    assert_int_equal(key->used_ms, NOW_MS);
    for (size_t i = 4; i < KEY_LEN; i++) {
        char other[KEY_LEN + 1];
        memcpy(other, good, sizeof other);
        other[i] = other[i] == '0' ? '1' : '0';
        assert_null(access_find(r, slice_of(other), NOW_MS));
    }
    assert_false(access_is_current(a));
    assert_false(access_is_full(r));
    access_reader_free(r);
}

TEST(an_answer_that_goes_on_ends_with_its_key)
{
    struct settings settings = settings_with(path, 0);
    AUTO(access) a = access_new(&settings);
    struct access_reader *r = access_reader_new(a);
    assert_true(access_still_good(r, slice_make(good + 4, KEY_ID_LEN), NOW_MS));
    assert_true(access_still_good(r, slice_make(expired + 4, KEY_ID_LEN), NOW_MS - 1));
    assert_false(access_still_good(r, slice_make(expired + 4, KEY_ID_LEN), NOW_MS));
    assert_false(access_still_good(r, slice_of("0123456789abcdef"), NOW_MS));
    access_reader_free(r);
}

TEST(a_tenants_limit_binds_it_but_never_frees_it)
{
    static const struct {
        int64_t most;
        const char *tenant;
        int64_t limit;
    } cases[] = {{0, "t", 50}, {40, "t", 40}, {60, "t", 50}, {0, "u", 0}, {60, "u", 60}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct settings settings = settings_with(path, cases[i].most);
        AUTO(access) a = access_new(&settings);
        struct access_reader *r = access_reader_new(a);
        assert_int_equal(access_limit(r, slice_of(cases[i].tenant)), cases[i].limit);
        access_reader_free(r);
    }
}

TEST(without_a_file_no_key_is_known)
{
    struct settings settings = settings_with(none, 0);
    AUTO(access) a = access_new(&settings);
    struct access_reader *r = access_reader_new(a);
    assert_null(access_find(r, slice_of(good), NOW_MS));
    access_reader_free(r);
}

struct looker {
    pthread_t thread;
    struct access *access;
    int found;
};

static void *look_up(void *looker)
{
    struct looker *l = looker;
    struct access_reader *r = access_reader_new(l->access);
    for (int i = 0; i < LOOKUPS; i++)
        l->found += access_find(r, slice_of(good), NOW_MS + i * INT64_C(1000)) != NULL;
    access_reader_free(r);
    return NULL;
}

TEST(loops_look_at_the_same_time)
{
    struct settings settings = settings_with(path, 0);
    AUTO(access) a = access_new(&settings);
    struct looker lookers[THREADS] = {0};
    for (int i = 0; i < THREADS; i++) {
        lookers[i].access = a;
        assert_int_equal(pthread_create(&lookers[i].thread, NULL, look_up, &lookers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(lookers[i].thread, NULL);
        assert_int_equal(lookers[i].found, LOOKUPS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_the_file_is_known_and_its_neighbours_are_not),
        cmocka_unit_test(an_answer_that_goes_on_ends_with_its_key),
        cmocka_unit_test(a_tenants_limit_binds_it_but_never_frees_it),
        cmocka_unit_test(without_a_file_no_key_is_known),
        cmocka_unit_test(loops_look_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, write_cache, remove_cache);
}
