/* SPDX-License-Identifier: MIT */
#include "processor/dedupe.h"

#include "tests/unit/test.h"

enum { WINDOW = 1000 };

static struct hash128 id_of(uint64_t n)
{
    return hash128_pair(slice_of("tenant"), slice_make(&n, sizeof n));
}

TEST(an_unknown_id_is_new)
{
    AUTO(dedupe) d = dedupe_new(10, WINDOW);

    assert_int_equal(dedupe_check(d, id_of(1), 7, 0), DEDUPE_NEW);
    assert_int_equal(dedupe_count(d), 0);
}

TEST(a_known_id_is_the_same_or_a_conflict_by_its_content)
{
    AUTO(dedupe) d = dedupe_new(10, WINDOW);

    dedupe_add(d, id_of(1), 7, 0);
    assert_int_equal(dedupe_check(d, id_of(1), 7, 10), DEDUPE_SAME);
    assert_int_equal(dedupe_check(d, id_of(1), 8, 10), DEDUPE_CONFLICT);
    assert_int_equal(dedupe_check(d, id_of(2), 7, 10), DEDUPE_NEW);
}

TEST(an_id_is_remembered_for_the_window_and_no_longer)
{
    AUTO(dedupe) d = dedupe_new(10, WINDOW);

    dedupe_add(d, id_of(1), 7, 5000);
    assert_int_equal(dedupe_check(d, id_of(1), 7, 5000 + WINDOW), DEDUPE_SAME);
    assert_int_equal(dedupe_check(d, id_of(1), 7, 5000 + WINDOW + 1), DEDUPE_NEW);
    assert_int_equal(dedupe_count(d), 0);
}

TEST(a_window_of_zero_remembers_nothing)
{
    AUTO(dedupe) d = dedupe_new(10, 0);

    dedupe_add(d, id_of(1), 7, 0);
    assert_int_equal(dedupe_check(d, id_of(1), 7, 0), DEDUPE_NEW);
}

TEST(a_full_memory_forgets_the_oldest_first)
{
    AUTO(dedupe) d = dedupe_new(3, WINDOW);

    for (uint64_t i = 0; i < 5; i++)
        dedupe_add(d, id_of(i), i, (int64_t)i);
    assert_int_equal(dedupe_count(d), 3);
    assert_int_equal(dedupe_check(d, id_of(1), 1, 5), DEDUPE_NEW);
    assert_int_equal(dedupe_check(d, id_of(2), 2, 5), DEDUPE_SAME);
    assert_int_equal(dedupe_check(d, id_of(4), 4, 5), DEDUPE_SAME);
}

TEST(the_time_covered_is_from_the_oldest_to_the_newest)
{
    AUTO(dedupe) d = dedupe_new(3, WINDOW);

    assert_int_equal(dedupe_covered_ms(d), 0);
    for (uint64_t i = 0; i < 5; i++)
        dedupe_add(d, id_of(i), i, (int64_t)i * 100);
    assert_int_equal(dedupe_covered_ms(d), 200);
}

/* Against a plain model: ids repeat, the ring wraps and grows, the window moves in leaps. */
TEST(it_decides_as_a_plain_list_would)
{
    enum { MAX = 1500, IDS = 4000, STEPS = 60000 };
    AUTO(dedupe) d = dedupe_new(MAX, WINDOW);
    static int64_t added_at[IDS]; /* step at which the id was added, plus 1 */
    static int64_t times[STEPS + 1];
    static uint64_t ids[STEPS + 1];
    uint64_t random = 88172645463325252u;
    size_t oldest = 0, added = 0;
    int64_t now = 0;

    for (int step = 0; step < STEPS; step++) {
        uint64_t id;
        bool known;

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        id = random % IDS;
        now += (random >> 32) % 1000 == 0 ? 700 : (int64_t)((random >> 40) & 1);
        for (; oldest < added && (times[oldest] < now - WINDOW || added - oldest > MAX); oldest++)
            added_at[ids[oldest]] = 0;
        known = added_at[id] != 0;
        assert_int_equal(dedupe_check(d, id_of(id), id, now), known ? DEDUPE_SAME : DEDUPE_NEW);
        if (known)
            continue;
        dedupe_add(d, id_of(id), id, now);
        times[added] = now;
        ids[added++] = id;
        added_at[id] = step + 1;
        if (added - oldest > MAX)
            added_at[ids[oldest++]] = 0;
        assert_int_equal(dedupe_count(d), added - oldest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_id_is_new),
        cmocka_unit_test(a_known_id_is_the_same_or_a_conflict_by_its_content),
        cmocka_unit_test(an_id_is_remembered_for_the_window_and_no_longer),
        cmocka_unit_test(a_window_of_zero_remembers_nothing),
        cmocka_unit_test(a_full_memory_forgets_the_oldest_first),
        cmocka_unit_test(the_time_covered_is_from_the_oldest_to_the_newest),
        cmocka_unit_test(it_decides_as_a_plain_list_would),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
