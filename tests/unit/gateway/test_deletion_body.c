/* SPDX-License-Identifier: MIT */
#include "gateway/deletion_body.h"
#include "tests/unit/test.h"

#include <stdio.h>

/* The filter that a body makes, or its first fault. */
static void expect(const char *json, const char *wanted)
{
    struct admin_body body;
    struct refusal refusal;
    struct deletion_body deletion = {.all = false};
    char text[300];

    assert_true(admin_body_parse(slice_of(json), &body, &refusal));
    deletion_body_read(&body, &deletion);
    snprintf(text, sizeof text, "%.*s%s", SLICE_ARG(deletion.filter), deletion.all ? "ALL" : "");
    if (body.faults.count > 0)
        snprintf(text, sizeof text, "%.*s", SLICE_ARG(fault_message(&body.faults, 0)));
    assert_string_equal(text, wanted);
    deletion_body_done(&deletion);
    admin_body_done(&body);
}

TEST(members_become_parameters)
{
    expect("{\"service\":\"auth\"}", "service=auth");
    expect("{\"userId\":[\"a&b\",\"\\u00e9\"],\"service!\":\"x\"}",
           "userId=a%26b&userId=%C3%A9&service!=x");
    expect("{\"metadata.cart.items\":3,\"endDate\":\"2026-01-01\"}",
           "metadata.cart.items=3&endDate=2026-01-01");
}

TEST(all_is_said_in_so_many_words)
{
    expect("{\"all\":true}", "ALL");
    expect("{}", "\"value\" must have at least 1 filter, or \"all\": true");
    expect("{\"service\":[]}", "\"service\" must contain at least 1 items");
    expect("{\"service\":\"a\",\"severity\":[]}", "\"severity\" must contain at least 1 items");
    expect("{\"all\":false}", "\"all\" must be [true]");
    expect("{\"all\":true,\"service\":\"a\"}", "\"all\" must not stand beside a filter");
}

TEST(what_would_not_narrow_is_refused)
{
    expect("{\"sevrice\":\"auth\"}", "\"sevrice\" is not allowed");
    expect("{\"tenant\":\"t\"}", "\"tenant\" is not allowed");
    expect("{\"limit\":\"1\"}", "\"limit\" is not allowed");
    expect("{\"userId[$ne]\":\"a\"}", "\"userId[$ne]\" is not allowed");
    expect("{\"userId\":{\"$ne\":\"a\"}}", "\"userId\" must be a string");
    expect("{\"userId\":null}", "\"userId\" must be a string");
    expect("{\"userId\":[[\"a\"]]}", "\"userId\" must be a string");
    expect("{\"severity\":\"loud\"}", "\"severity\" must be one of [info, warn, error, critical]");
    expect("{\"startDate\":\"soon\"}", "\"startDate\" must be in ISO 8601 date format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_become_parameters),
        cmocka_unit_test(all_is_said_in_so_many_words),
        cmocka_unit_test(what_would_not_narrow_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
