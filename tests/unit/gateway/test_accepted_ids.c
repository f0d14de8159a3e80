/* SPDX-License-Identifier: MIT */
#include "gateway/accepted_ids.h"

#include "common/slice.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>

enum { KEEP_MS = 1000 };

static struct slice number(char text[16], int n)
{
    snprintf(text, 16, "id-%d", n);
    return slice_of(text);
}

static void add(struct accepted_ids *a, const char *tenant, struct slice id, int64_t now_ms)
{
    accepted_ids_add(a, slice_of(tenant), &id, 1, now_ms);
}

TEST(an_id_is_known_in_its_own_tenant_only)
{
    AUTO(accepted_ids) a = accepted_ids_new(8, KEEP_MS);
    add(a, "t1", slice_of("x"), 0);
    assert_true(accepted_ids_has(a, slice_of("t1"), slice_of("x"), 0));
    assert_false(accepted_ids_has(a, slice_of("t2"), slice_of("x"), 0));
    assert_false(accepted_ids_has(a, slice_of("t1x"), slice_of(""), 0));
    assert_false(accepted_ids_has(a, slice_of("t1"), slice_of("y"), 0));
}

TEST(an_id_is_forgotten_when_its_time_is_over)
{
    AUTO(accepted_ids) a = accepted_ids_new(8, KEEP_MS);
    add(a, "t", slice_of("x"), 500);
    assert_true(accepted_ids_has(a, slice_of("t"), slice_of("x"), 500 + KEEP_MS));
    assert_false(accepted_ids_has(a, slice_of("t"), slice_of("x"), 501 + KEEP_MS));
}

TEST(the_oldest_make_room_when_it_is_full)
{
    char text[16];
    AUTO(accepted_ids) a = accepted_ids_new(100, KEEP_MS);
    for (int i = 0; i < 1000; i++)
        add(a, "t", number(text, i), 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(accepted_ids_has(a, slice_of("t"), number(text, i), 0), i >= 900);
}

TEST(an_id_added_twice_stays_until_both_are_gone)
{
    char text[16];
    AUTO(accepted_ids) a = accepted_ids_new(4, KEEP_MS);
    add(a, "t", slice_of("x"), 0);
    add(a, "t", slice_of("x"), 0);
    for (int i = 0; i < 3; i++)
        add(a, "t", number(text, i), 0);
    assert_true(accepted_ids_has(a, slice_of("t"), slice_of("x"), 0));
    add(a, "t", slice_of("last"), 0);
    assert_false(accepted_ids_has(a, slice_of("t"), slice_of("x"), 0));
}

TEST(many_are_added_in_their_order)
{
    enum { COUNT = 1000, CAPACITY = 100 };
    char texts[COUNT][16];
    struct slice ids[COUNT];
    AUTO(accepted_ids) a = accepted_ids_new(CAPACITY, KEEP_MS);
    for (int i = 0; i < COUNT; i++)
        ids[i] = number(texts[i], i);
    accepted_ids_add(a, slice_of("t"), ids, COUNT, 0);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(accepted_ids_has(a, slice_of("t"), ids[i], 0), i >= COUNT - CAPACITY);
}

static void *add_many(void *ids)
{
    char text[16];
    for (int i = 0; i < 2000; i++) {
        add(ids, "t", number(text, i), 0);
        accepted_ids_has(ids, slice_of("t"), number(text, i / 2), 0);
    }
    return NULL;
}

TEST(threads_share_it)
{
    char text[16];
    pthread_t threads[4];
    AUTO(accepted_ids) a = accepted_ids_new(100000, KEEP_MS);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, a), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2000; i++)
        assert_true(accepted_ids_has(a, slice_of("t"), number(text, i), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_known_in_its_own_tenant_only),
        cmocka_unit_test(an_id_is_forgotten_when_its_time_is_over),
        cmocka_unit_test(the_oldest_make_room_when_it_is_full),
        cmocka_unit_test(an_id_added_twice_stays_until_both_are_gone),
        cmocka_unit_test(many_are_added_in_their_order),
        cmocka_unit_test(threads_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
