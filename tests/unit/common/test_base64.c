/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/base64.h"

static void assert_encoded(struct slice bytes, const char *wanted)
{
    AUTO_BUF out = {0};

    base64_encode(&out, bytes);
    assert_string_equal(buf_text(&out), wanted);
}

TEST(the_rfcs_own_examples_are_encoded)
{
    assert_encoded(slice_of(""), "");
    assert_encoded(slice_of("f"), "Zg==");
    assert_encoded(slice_of("fo"), "Zm8=");
    assert_encoded(slice_of("foo"), "Zm9v");
    assert_encoded(slice_of("foobar"), "Zm9vYmFy");
}

TEST(any_bytes_are_encoded)
{
    assert_encoded(slice_make("\xff\x00\xfe", 3), "/wD+");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfcs_own_examples_are_encoded),
        cmocka_unit_test(any_bytes_are_encoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
