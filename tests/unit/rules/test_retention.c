/* SPDX-License-Identifier: MIT */
#include "rules/retention.h"
#include "tests/unit/test.h"

static const struct retention_rule rules[] = {
    {.has_severity = true, .severity = SEVERITY_INFO, .days = 10},
    {.service = {"auth", 4}, .days = 20},
    {.service = {"auth", 4}, .has_severity = true, .severity = SEVERITY_INFO, .days = 30},
};
static const struct retention some = {90, rules, 3};

static int64_t days(const char *service, const char *severity)
{
    return retention_days(&some, slice_of(service), slice_of(severity));
}

TEST(service_and_severity_go_before_all_else)
{
    assert_int_equal(days("auth", "info"), 30);
}

TEST(a_service_goes_before_a_severity)
{
    assert_int_equal(days("auth", "error"), 20);
}

TEST(a_severity_goes_before_the_default)
{
    assert_int_equal(days("mail", "info"), 10);
    assert_int_equal(days("mail", "error"), 90);
}

TEST(a_service_whose_name_only_begins_alike_is_another)
{
    assert_int_equal(days("auth2", "error"), 90);
    assert_int_equal(days("aut", "error"), 90);
}

TEST(the_least_of_all_is_known)
{
    const struct retention plain = {.days = 7};

    assert_int_equal(retention_least_days(&some), 10);
    assert_int_equal(retention_least_days(&plain), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(service_and_severity_go_before_all_else),
        cmocka_unit_test(a_service_goes_before_a_severity),
        cmocka_unit_test(a_severity_goes_before_the_default),
        cmocka_unit_test(a_service_whose_name_only_begins_alike_is_another),
        cmocka_unit_test(the_least_of_all_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
