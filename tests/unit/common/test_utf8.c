/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/utf8.h"

#include <stdbool.h>
#include <string.h>

/* UTF-8 by its definition: decode by the lead byte, then refuse what has a shorter form, what is a
 * surrogate and what is past the end of Unicode. */
static size_t defined_len(const unsigned char *p)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80       ? 1
                 : p[0] >> 5 == 6  ? 2
                 : p[0] >> 4 == 14 ? 3
                 : p[0] >> 3 == 30 ? 4
                                   : 0;
    if (len < 2)
        return len;
    unsigned long code = p[0] & (0xffU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[len] || code > 0x10ffff || is_surrogate ? 0 : len;
}

static void judge(unsigned first_two, unsigned third, unsigned fourth)
{
    unsigned char p[4] = {(unsigned char)(first_two >> 8), (unsigned char)first_two,
                          (unsigned char)third, (unsigned char)fourth};
    assert_int_equal(utf8_char_len((const char *)p, 4), defined_len(p));
}

TEST(every_pair_of_first_bytes_is_judged_by_the_definition)
{
    static const unsigned ends[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0};
    for (unsigned first_two = 0; first_two < 65536; first_two++) {
        for (size_t i = 0; i < 25; i++)
            judge(first_two, ends[i / 5], ends[i % 5]);
    }
}

TEST(a_character_that_is_cut_off_is_none)
{
    const char *text = "\xf0\x9f\x98\x80";
    assert_int_equal(utf8_char_len(text, 4), 4);
    for (size_t left = 0; left < 4; left++)
        assert_int_equal(utf8_char_len(text, left), 0);
}

TEST(every_character_comes_back_as_it_was)
{
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        size_t len = utf8_encode(code, bytes);

        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        assert_int_equal(utf8_char_len(bytes, len), len);
        assert_int_equal(utf8_decode(bytes, len), code);
    }
}

TEST(letters_have_another_case_of_the_same_length)
{
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        uint32_t other = utf8_other_case(code);
        char bytes[4];

        assert_int_equal(utf8_other_case(other), code);
        assert_int_equal(utf8_encode(code, bytes), utf8_encode(other, bytes));
    }
    assert_int_equal(utf8_other_case('q'), 'Q');
    assert_int_equal(utf8_other_case('1'), '1');
    assert_int_equal(utf8_other_case(0xc4), 0xe4);   /* A with diaeresis */
    assert_int_equal(utf8_other_case(0x161), 0x160); /* s with caron */
    assert_int_equal(utf8_other_case(0x3c9), 0x3a9); /* omega */
    assert_int_equal(utf8_other_case(0x44f), 0x42f); /* ya */
    assert_int_equal(utf8_other_case(0xdf), 0xdf);   /* sharp s */
}

TEST(folding_makes_letters_small_and_leaves_the_rest)
{
    char text[] = "A1-\xc3\x84\xd0\x96\xf0\x9f\x98\x80z";
    utf8_fold(text, sizeof text - 1);
    assert_string_equal(text, "a1-\xc3\xa4\xd0\xb6\xf0\x9f\x98\x80z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_first_bytes_is_judged_by_the_definition),
        cmocka_unit_test(a_character_that_is_cut_off_is_none),
        cmocka_unit_test(every_character_comes_back_as_it_was),
        cmocka_unit_test(letters_have_another_case_of_the_same_length),
        cmocka_unit_test(folding_makes_letters_small_and_leaves_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
