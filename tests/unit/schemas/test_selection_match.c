/* SPDX-License-Identifier: MIT */
#include "schemas/selection.h"

#include "tests/unit/test.h"

static const char record[] =
    "{\"_id\":\"1\",\"tenant\":\"default\",\"service\":\"auth\",\"action\":\"user.create\","
    "\"userId\":\"ada\",\"severity\":\"warn\",\"timestamp\":\"2026-11-22T10:00:00.000Z\","
    "\"source\":\"http\",\"metadata\":{\"n\":5,\"s\":\"5\",\"real\":2.50,\"yes\":true,\"nil\":null,"
    "\"cart\":{\"items\":[{\"id\":\"x\"},{\"id\":7}]},\"list\":[\"one\",\"two\"],\"twice\":1,"
    "\"twice\":2,\"deep\":[[\"in\"]]},\"resource\":{\"type\":\"order\",\"id\":\"o-1\"},"
    "\"message\":\"The \\u00c4rger is GREAT\",\"tags\":[\"blue\",\"red\"],\"ip\":\"10.1.2.3\","
    "\"sessionId\":\"s\",\"requestId\":\"r\",\"enriched\":{\"country\":\"DE\"}}";

static bool matches_json(const char *query, const char *json)
{
    struct selection s = {0};
    struct faults faults = {0};

    assert_int_equal(selection_read(&s, slice_of(query), &faults), OK);
    bool result = selection_matches(&s, slice_of(json));
    selection_done(&s);
    faults_done(&faults);
    return result;
}

static bool matches(const char *query)
{
    return matches_json(query, record);
}

TEST(each_filter_takes_what_is_equal_and_nothing_else)
{
    static const char *const fit[] = {"",
                                      "service=auth",
                                      "action=user.create",
                                      "userId=ada",
                                      "severity=warn",
                                      "outcome=none",
                                      "resourceType=order",
                                      "resourceId=o-1",
                                      "ip=10.1.2.3",
                                      "requestId=r",
                                      "sessionId=s",
                                      "tag=red",
                                      "source=http",
                                      "country=DE"};
    static const char *const differ[] = {
        "service=Auth",   "action=user",  "userId=ad", "severity=info", "outcome=success",
        "resourceType=o", "resourceId=o", "ip=10.1.2", "requestId=R",   "sessionId=x",
        "tag=green",      "source=kafka", "country=de"};

    for (size_t i = 0; i < sizeof fit / sizeof fit[0]; i++)
        assert_true(matches(fit[i]));
    for (size_t i = 0; i < sizeof differ / sizeof differ[0]; i++)
        assert_false(matches(differ[i]));
}

TEST(any_of_none_of_and_prefixes_go_together)
{
    assert_true(matches("service=mail&service=auth"));
    assert_true(matches("action=user.*&service!=mail&service!=shop"));
    assert_false(matches("service!=mail&service!=auth"));
    assert_false(matches("service!=au*"));
    assert_true(matches("ip=10.1.*&tag=r*"));
    assert_false(matches("tag!=blue"));
    assert_true(matches("userId=*&outcome!=*"));
    assert_false(matches("userId!=*"));
    assert_false(matches("outcome=*"));
    assert_false(matches("outcome!=none"));
}

TEST(metadata_is_found_by_path_in_whatever_form_it_was_written)
{
    assert_true(matches("metadata.n=5&metadata.s=5"));
    assert_true(matches("metadata.n=5.0&metadata.real=2.5&metadata.n=50e-1"));
    assert_false(matches("metadata.s=5.0"));
    assert_true(matches("metadata.yes=true"));
    assert_false(matches("metadata.yes=false"));
    assert_true(matches("metadata.cart.items.id=x&metadata.cart.items.1.id=7"));
    assert_false(matches("metadata.cart.items.0.id=7"));
    assert_true(matches("metadata.list=two&metadata.list.0=one&metadata.list=tw*"));
    assert_true(matches("metadata.twice=2"));
    assert_false(matches("metadata.twice=1"));
    assert_true(matches("metadata.missing!=*&metadata.nil=*&metadata.n=*"));
    assert_false(matches("metadata.missing=*"));
    assert_false(matches("metadata.deep=in"));
}

TEST(all_words_are_in_message_or_action)
{
    assert_true(matches("q=great"));
    assert_true(matches("q=%C3%A4RGER+create"));
    assert_false(matches("q=great+missing"));
    assert_false(matches("q=auth"));
    assert_false(matches("q=.*"));
}

TEST(both_dates_are_included)
{
    assert_true(matches("startDate=2026-11-22T10:00:00.000Z&endDate=2026-11-22T10:00:00.000Z"));
    assert_false(matches("startDate=2026-11-22T10:00:00.001Z"));
    assert_false(matches("endDate=2026-11-22T09:59:59.999Z"));
    assert_false(matches("startDate=2026-11-23&endDate=2026-11-21"));
}

TEST(names_of_members_may_be_escaped_and_of_equal_ones_the_last_counts)
{
    static const char escaped[] = "{\"\\u0073ervice\":\"auth\",\"action\":\"a\"}";
    static const char twice[] = "{\"service\":\"auth\",\"service\":\"mail\"}";

    assert_true(matches_json("service=auth&action=a", escaped));
    assert_false(matches_json("service=auth", twice));
    assert_true(matches_json("service=mail", twice));
}

TEST(a_record_of_any_number_of_members_is_searched_to_its_end)
{
    for (int before = SELECTION_MEMBERS_MAX - 2; before <= SELECTION_MEMBERS_MAX + 1; before++) {
        AUTO_BUF json = {0};

        buf_add_char(&json, '{');
        for (int i = 0; i < before; i++)
            buf_printf(&json, "\"m%d\":1,", i);
        buf_add_text(&json, "\"service\":\"auth\"}");
        assert_true(matches_json("service=auth", buf_text(&json)));
        assert_false(matches_json("service!=auth", buf_text(&json)));
    }
}

TEST(what_is_no_object_has_no_members)
{
    assert_true(matches_json("", "[1,2]"));
    assert_false(matches_json("service=auth", "[1,2]"));
    assert_true(matches_json("outcome=none", "5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_filter_takes_what_is_equal_and_nothing_else),
        cmocka_unit_test(any_of_none_of_and_prefixes_go_together),
        cmocka_unit_test(metadata_is_found_by_path_in_whatever_form_it_was_written),
        cmocka_unit_test(all_words_are_in_message_or_action),
        cmocka_unit_test(both_dates_are_included),
        cmocka_unit_test(names_of_members_may_be_escaped_and_of_equal_ones_the_last_counts),
        cmocka_unit_test(a_record_of_any_number_of_members_is_searched_to_its_end),
        cmocka_unit_test(what_is_no_object_has_no_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
