/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/err.h"

#include <string.h>

TEST(setting_an_error_returns_its_reaction_and_keeps_its_cause)
{
    struct err err;
    assert_int_equal(err_set(&err, REJECT, "id is %d bytes, at most %d", 70, 64), REJECT);
    assert_string_equal(err.text, "id is 70 bytes, at most 64");
}

TEST(a_cause_that_is_too_long_is_cut)
{
    struct err err;
    char text[2 * sizeof err.text];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(err_set(&err, FATAL, "%s", text), FATAL);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_an_error_returns_its_reaction_and_keeps_its_cause),
        cmocka_unit_test(a_cause_that_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
