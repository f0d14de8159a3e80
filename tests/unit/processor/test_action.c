/* SPDX-License-Identifier: MIT */
#include "processor/action.h"

#include "tests/unit/test.h"

static const struct {
    const char *action, *verb, *object;
} cases[] = {
    {"login", "login", NULL},
    {"user.login", "login", "user"},
    {"billing.invoice.created", "created", "billing.invoice"},
    {"create.user", "create", "user"},
    {"user:frobnicate", "frobnicate", "user"},
    {"create_invoice", "create", "invoice"},
    {"invoice_deleted", "deleted", "invoice"},
    {"frobnicate_widget", "frobnicate", "widget"},
    {"USER_LOGIN", "LOGIN", "USER"},
    {"view page", "view", "page"},
    {"user/profile/update", "update", "user/profile"},
    {".login", ".login", NULL},
    {"login.", "login.", NULL},
    {".", ".", NULL},
    {"settings.read", "read", "settings"},
    {"reader.x", "x", "reader"},
    {"create_", "create_", NULL},
    {"STARTED_job", "STARTED", "job"},
    {"uploads_file", "uploads", "file"},
};

TEST(actions_come_apart_at_their_verb)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice verb, object;

        action_split(slice_of(cases[i].action), &verb, &object);
        assert_true(slice_is(verb, cases[i].verb));
        if (cases[i].object)
            assert_true(slice_is(object, cases[i].object));
        else
            assert_null(object.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(actions_come_apart_at_their_verb)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
