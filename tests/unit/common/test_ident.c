/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/ident.h"

#include <pthread.h>
#include <stdio.h>

static void assert_shape(const char id[UUID_LEN], char version)
{
    for (int i = 0; i < UUID_LEN; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        assert_int_equal(id[i] == '-', is_dash);
        assert_true(is_dash || strchr("0123456789abcdef", id[i]));
    }
    assert_int_equal(id[14], version);
    assert_true(strchr("89ab", id[19]));
}

TEST(a_version_7_uuid_begins_with_its_time)
{
    char id[UUID_LEN];
    /* The example of RFC 9562, appendix A.6: 2022-02-22T19:22:22.000Z. */
    uuid_v7(1645557742000, id);
    assert_shape(id, '7');
    assert_memory_equal(id, "017f22e2-79b0-7", 15);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, UUID_LEN);
}

TEST(version_7_uuids_of_one_millisecond_differ)
{
    enum { COUNT = 20000 };
    static char ids[COUNT][UUID_LEN];
    for (int i = 0; i < COUNT; i++)
        uuid_v7(1645557742000, ids[i]);
    qsort(ids, COUNT, UUID_LEN, compare);
    for (int i = 1; i < COUNT; i++)
        assert_memory_not_equal(ids[i - 1], ids[i], UUID_LEN);
}

static void *draw(void *out)
{
    for (int i = 0; i < 1000; i++)
        uuid_v7(1645557742000, (char *)out + (ptrdiff_t)i * UUID_LEN);
    return NULL;
}

TEST(threads_draw_different_uuids)
{
    enum { THREADS = 4 };
    static char ids[THREADS * 1000][UUID_LEN];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, draw, ids[(ptrdiff_t)i * 1000]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(ids, sizeof ids / UUID_LEN, UUID_LEN, compare);
    for (size_t i = 1; i < sizeof ids / UUID_LEN; i++)
        assert_memory_not_equal(ids[i - 1], ids[i], UUID_LEN);
}

TEST(a_version_8_uuid_holds_the_hash)
{
    char id[UUID_LEN];
    uuid_v8((struct hash128){.high = 0x0123456789abcdef, .low = 0xfedcba9876543210}, id);
    assert_shape(id, '8');
    assert_memory_equal(id, "01234567-89ab-8def-bedc-ba9876543210", UUID_LEN);
}

TEST(hashes_are_those_that_xxh3_publishes)
{
    /* Of nothing, with the default secret and no seed (xxhsum's own sanity check). */
    assert_true(hash64(slice_of("")) == 0x2d06800538d394c2);
    /* With that hash as the seed (of PyPI's xxhash, xxh3_128_hexdigest(b"", seed=…)). */
    struct hash128 pair = hash128_pair(slice_of(""), slice_of(""));
    assert_true(pair.high == 0x7a3edd697cf3f953 && pair.low == 0x5310e30cce3262d6);
}

TEST(a_pair_is_hashed_with_its_boundary)
{
    static const char *const pairs[][2] = {
        {"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}, {"c", "ab"}};
    for (size_t i = 0; i < 5; i++) {
        struct hash128 a = hash128_pair(slice_of(pairs[i][0]), slice_of(pairs[i][1]));
        struct hash128 again = hash128_pair(slice_of(pairs[i][0]), slice_of(pairs[i][1]));
        assert_true(a.low == again.low && a.high == again.high);
        for (size_t j = 0; j < i; j++) {
            struct hash128 b = hash128_pair(slice_of(pairs[j][0]), slice_of(pairs[j][1]));
            assert_true(a.low != b.low && a.high != b.high);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_7_uuid_begins_with_its_time),
        cmocka_unit_test(version_7_uuids_of_one_millisecond_differ),
        cmocka_unit_test(threads_draw_different_uuids),
        cmocka_unit_test(a_version_8_uuid_holds_the_hash),
        cmocka_unit_test(hashes_are_those_that_xxh3_publishes),
        cmocka_unit_test(a_pair_is_hashed_with_its_boundary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
