/* SPDX-License-Identifier: MIT */
#include "gateway/admin_body.h"

#include "tests/unit/test.h"

static void parse(const char *json, struct admin_body *ret)
{
    struct refusal refusal;
    assert_true(admin_body_parse(slice_of(json), ret, &refusal));
}

static void assert_faults(const struct admin_body *body, const char *expected)
{
    AUTO_BUF out = {0};
    faults_render(&body->faults, 0, &out);
    assert_string_equal(buf_text(&out), expected);
}

TEST(what_is_no_json_is_refused_as_malformed)
{
    const char *const bad[] = {"", "{", "{\"a\":1,}", "{} x", "{'a':1}", "{\"a\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct admin_body body;
        struct refusal refusal;
        assert_false(admin_body_parse(slice_of(bad[i]), &body, &refusal));
        assert_int_equal(refusal.status, 400);
        assert_string_equal(refusal.code, "malformed_json");
        admin_body_done(&body);
    }
}

TEST(anything_but_an_object_is_a_fault)
{
    const char *const bad[] = {"[]", "1", "null", "\"{}\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct admin_body body;
        struct refusal refusal;
        assert_false(admin_body_parse(slice_of(bad[i]), &body, &refusal));
        assert_int_equal(refusal.status, 0);
        assert_faults(&body,
                      "[{\"field\":\"\",\"message\":\"\\\"value\\\" must be of type object\"}]");
        admin_body_done(&body);
    }
}

TEST(members_are_read_with_their_escapes_and_the_last_of_two_counts)
{
    struct admin_body body;
    parse("{\"name\":\"a\",\"n\\u0061me\":\"caf\\u00e9\",\"days\":7,\"mode\":\"delete\"}", &body);
    static const char *const modes[] = {"anonymize", "delete", NULL};
    struct slice name = admin_text(&body, admin_member(body.root, "name"), "name", 1, 4);
    assert_true(slice_is(name, "caf\xc3\xa9"));
    assert_int_equal(admin_integer(&body, admin_member(body.root, "days"), "days", 1, 9, 0), 7);
    assert_int_equal(admin_choice(&body, admin_member(body.root, "mode"), "mode", modes), 1);
    assert_int_equal(body.faults.count, 0);
    admin_body_done(&body);
}

TEST(what_is_absent_is_no_fault_unless_it_is_required)
{
    struct admin_body body;
    parse("{}", &body);
    assert_null(admin_text(&body, admin_member(body.root, "a"), "a", 1, 4).data);
    assert_int_equal(admin_integer(&body, admin_member(body.root, "b"), "b", 1, 9, 5), 5);
    assert_false(admin_array(&body, admin_member(body.root, "c"), "c", 1, 9));
    assert_int_equal(body.faults.count, 0);
    admin_require(&body, body.root, "d", "d");
    assert_faults(&body, "[{\"field\":\"d\",\"message\":\"\\\"d\\\" is required\"}]");
    admin_body_done(&body);
}

TEST(each_number_that_is_none_of_the_wanted_says_why)
{
    static const struct {
        const char *json, *why;
    } cases[] = {
        {"{\"n\":\"5\"}", "\"n\" must be a number"},
        {"{\"n\":null}", "\"n\" must be a number"},
        {"{\"n\":1.5}", "\"n\" must be an integer"},
        {"{\"n\":1e20}", "\"n\" must be a safe number"},
        {"{\"n\":-1e999}", "\"n\" must be a safe number"},
        {"{\"n\":0}", "\"n\" must be greater than or equal to 1"},
        {"{\"n\":101}", "\"n\" must be less than or equal to 100"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct admin_body body;
        parse(cases[i].json, &body);
        assert_int_equal(admin_integer(&body, admin_member(body.root, "n"), "n", 1, 100, 42), 42);
        assert_int_equal(body.faults.count, 1);
        assert_true(slice_is(fault_message(&body.faults, 0), cases[i].why));
        admin_body_done(&body);
    }
}

TEST(all_faults_are_told_at_once)
{
    static const char *const known[] = {"t", "e", "long", "list", "o", NULL};
    static const char *const choices[] = {"x", "y", NULL};
    struct admin_body body;
    parse("{\"t\":1,\"e\":\"\",\"long\":\"abc\",\"list\":[1,2,3],\"o\":[],\"new\":{}}", &body);
    admin_choice(&body, admin_member(body.root, "t"), "t", choices);
    admin_text(&body, admin_member(body.root, "e"), "e", 1, 2);
    admin_text(&body, admin_member(body.root, "long"), "long", 1, 2);
    admin_array(&body, admin_member(body.root, "list"), "list", 1, 2);
    admin_object(&body, admin_member(body.root, "o"), "o");
    admin_only(&body, body.root, "", known);
    assert_int_equal(body.faults.count, 6);
    assert_true(slice_is(fault_message(&body.faults, 0), "\"t\" must be one of [x, y]"));
    assert_true(slice_is(fault_message(&body.faults, 1), "\"e\" is not allowed to be empty"));
    assert_true(slice_is(fault_message(&body.faults, 2),
                         "\"long\" length must be less than or equal to 2 characters long"));
    assert_true(slice_is(fault_message(&body.faults, 3),
                         "\"list\" must contain less than or equal to 2 items"));
    assert_true(slice_is(fault_message(&body.faults, 4), "\"o\" must be of type object"));
    assert_true(slice_is(fault_message(&body.faults, 5), "\"new\" is not allowed"));
    admin_body_done(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_json_is_refused_as_malformed),
        cmocka_unit_test(anything_but_an_object_is_a_fault),
        cmocka_unit_test(members_are_read_with_their_escapes_and_the_last_of_two_counts),
        cmocka_unit_test(what_is_absent_is_no_fault_unless_it_is_required),
        cmocka_unit_test(each_number_that_is_none_of_the_wanted_says_why),
        cmocka_unit_test(all_faults_are_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
