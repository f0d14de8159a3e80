/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "indexer/refusal.h"

#include <string.h>

/* As PostgreSQL packs an SQLSTATE. */
static int32_t sql_state(const char *five)
{
    int32_t code = 0;

    for (int i = 4; i >= 0; i--)
        code = (code << 6) | ((five[i] - '0') & 63);
    return code;
}

TEST(a_taken_id_is_a_duplicate)
{
    assert_int_equal(refusal_kind(11000, "E11000 duplicate key"), REFUSED_DUPLICATE);
}

TEST(bad_data_is_refused_for_good)
{
    assert_int_equal(refusal_kind(2, "BadValue"), REFUSED_DATA);
    assert_int_equal(refusal_kind(52, "$x is not valid for storage."), REFUSED_DATA);
    assert_int_equal(refusal_kind(10334, "too large"), REFUSED_DATA);
    assert_int_equal(refusal_kind(sql_state("22P05"), "untranslatable character"), REFUSED_DATA);
}

TEST(trouble_of_the_store_is_waited_for)
{
    assert_int_equal(refusal_kind(10107, "not primary"), REFUSED_FOR_NOW);
    assert_int_equal(refusal_kind(14031, "out of disk space"), REFUSED_FOR_NOW);
    assert_int_equal(refusal_kind(sql_state("53100"), "could not extend file"), REFUSED_FOR_NOW);
    assert_int_equal(refusal_kind(sql_state("57P01"), "terminating connection"), REFUSED_FOR_NOW);
    assert_int_equal(refusal_kind(sql_state("40P01"), "deadlock detected"), REFUSED_FOR_NOW);
}

TEST(a_full_disk_is_known_by_its_words_whatever_the_code)
{
    assert_int_equal(refusal_kind(1, "could not write: No space left on device"), REFUSED_FOR_NOW);
    assert_int_equal(refusal_kind(2, "disk full"), REFUSED_FOR_NOW);
}

TEST(other_codes_are_unknown)
{
    assert_int_equal(refusal_kind(1, "InternalError"), REFUSED_UNKNOWN);
    assert_int_equal(refusal_kind(8000, ""), REFUSED_UNKNOWN);
    assert_int_equal(refusal_kind(sql_state("XX000"), "internal error"), REFUSED_UNKNOWN);
}

TEST(a_list_grows_keeps_its_order_and_cuts_long_words)
{
    struct refusals r = {0};
    char words[400];

    memset(words, 'x', sizeof words);
    words[sizeof words - 1] = '\0';
    for (int i = 0; i < 200; i++)
        refusals_add(&r, (size_t)i, i, words);
    assert_int_equal(r.count, 200);
    assert_int_equal(r.items[199].index, 199);
    assert_int_equal(strlen(r.items[0].text), sizeof r.items[0].text - 1);
    refusals_clear(&r);
    assert_int_equal(r.count, 0);
    refusals_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_taken_id_is_a_duplicate),
        cmocka_unit_test(bad_data_is_refused_for_good),
        cmocka_unit_test(trouble_of_the_store_is_waited_for),
        cmocka_unit_test(a_full_disk_is_known_by_its_words_whatever_the_code),
        cmocka_unit_test(other_codes_are_unknown),
        cmocka_unit_test(a_list_grows_keeps_its_order_and_cuts_long_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
