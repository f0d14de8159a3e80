/* SPDX-License-Identifier: MIT */
#include "gateway/retention_body.h"
#include "tests/unit/test.h"

#include <stdio.h>

/* What a body says: "90 auth/info=30", or its first fault. */
static void expect(const char *json, const char *wanted)
{
    struct admin_body body;
    struct refusal refusal;
    struct retention_body retention;
    char text[300];
    int len;

    assert_true(admin_body_parse(slice_of(json), &body, &refusal));
    retention_body_read(&body, &retention);
    len = snprintf(text, sizeof text, "%lld", (long long)retention.days);
    for (size_t i = 0; i < retention.count; i++) {
        const struct retention_rule *r = &retention.rules[i];

        len +=
            snprintf(text + len, sizeof text - (size_t)len, " %.*s/%s=%lld", SLICE_ARG(r->service),
                     r->has_severity ? severity_name(r->severity) : "", (long long)r->days);
    }
    if (body.faults.count > 0)
        snprintf(text, sizeof text, "%.*s", SLICE_ARG(fault_message(&body.faults, 0)));
    assert_string_equal(text, wanted);
    admin_body_done(&body);
}

TEST(days_and_rules_are_read)
{
    expect("{\"days\":90}", "90");
    expect("{\"days\":90,\"rules\":[]}", "90");
    expect("{\"days\":1,\"rules\":[{\"service\":\"auth\",\"severity\":\"info\",\"days\":30},"
           "{\"severity\":\"warn\",\"days\":36500},{\"service\":\"a\\u0062\",\"days\":2}]}",
           "1 auth/info=30 /warn=36500 ab/=2");
}

TEST(what_is_wrong_is_said)
{
    expect("{}", "\"days\" is required");
    expect("{\"days\":0}", "\"days\" must be greater than or equal to 1");
    expect("{\"days\":36501}", "\"days\" must be less than or equal to 36500");
    expect("{\"days\":\"90\"}", "\"days\" must be a number");
    expect("{\"days\":1.5}", "\"days\" must be an integer");
    expect("{\"days\":90,\"rules\":{}}", "\"rules\" must be an array");
    expect("{\"days\":90,\"rules\":[7]}", "\"rules[0]\" must be of type object");
    expect("{\"days\":90,\"rules\":[{\"days\":3}]}",
           "\"rules[0]\" must contain at least one of [service, severity]");
    expect("{\"days\":90,\"rules\":[{\"service\":\"a\"}]}", "\"rules[0].days\" is required");
    expect("{\"days\":90,\"rules\":[{\"severity\":\"loud\",\"days\":3}]}",
           "\"rules[0].severity\" must be one of [info, warn, error, critical]");
    expect("{\"days\":90,\"rule\":[]}", "\"rule\" is not allowed");
}

TEST(two_rules_about_the_same_are_refused)
{
    expect(
        "{\"days\":90,\"rules\":[{\"service\":\"a\",\"days\":3},{\"service\":\"a\",\"days\":4}]}",
        "\"rules[1]\" contains a duplicate value");
    expect("{\"days\":9,\"rules\":[{\"service\":\"a\",\"days\":3},"
           "{\"service\":\"a\",\"severity\":\"info\",\"days\":4}]}",
           "9 a/=3 a/info=4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_rules_are_read),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(two_rules_about_the_same_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
