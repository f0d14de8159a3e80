/* SPDX-License-Identifier: MIT */
#include "schemas/selection.h"

#include "tests/unit/test.h"

static void read_ok(struct selection *s, const char *query)
{
    struct faults faults = {0};

    assert_int_equal(selection_read(s, slice_of(query), &faults), OK);
    assert_int_equal(faults.count, 0);
    faults_done(&faults);
}

/* All that is said about `query`, one `field: message` a line. */
static void assert_faults(const char *query, const char *expected)
{
    struct selection s = {0};
    struct faults faults = {0};
    AUTO_BUF said = {0};

    enum result result = selection_read(&s, slice_of(query), &faults);
    for (size_t i = 0; i < faults.count; i++)
        buf_printf(&said, "%.*s: %.*s\n", SLICE_ARG(fault_field(&faults, i)),
                   SLICE_ARG(fault_message(&faults, i)));
    assert_string_equal(buf_text(&said), expected);
    assert_int_equal(result, expected[0] ? REJECT : OK);
    faults_done(&faults);
    selection_done(&s);
}

static void assert_same(const char *one, const char *other, bool expected)
{
    struct selection a = {0}, b = {0};
    AUTO_BUF left = {0};
    AUTO_BUF right = {0};

    read_ok(&a, one);
    read_ok(&b, other);
    selection_canonical(&a, &left);
    selection_canonical(&b, &right);
    assert_int_equal(slice_eq(buf_slice(&left), buf_slice(&right)), expected);
    selection_done(&a);
    selection_done(&b);
}

TEST(nothing_asked_is_all)
{
    struct selection s = {0};

    read_ok(&s, NULL);
    assert_true(selection_is_empty(&s));
    read_ok(&s, "tenant=x&page=0&foo[bar]=1&services=2&=3&&userid[$ne]=x&metadata=x");
    assert_true(selection_is_empty(&s));
    selection_done(&s);
}

TEST(values_gather_in_one_filter_a_field)
{
    struct selection s = {0};

    read_ok(&s, "service=b&action=user.*&service=a%20b&service=b&service!=c");
    assert_int_equal(s.filter_count, 3);
    const struct selection_filter *service = selection_find(&s, SELECT_SERVICE);
    assert_int_equal(service->count, 2);
    assert_true(slice_is(service->values[0].text, "a b"));
    assert_true(slice_is(service->values[1].text, "b"));
    assert_true(selection_find(&s, SELECT_ACTION)->values[0].prefix);
    assert_true(slice_is(selection_find(&s, SELECT_ACTION)->values[0].text, "user."));
    assert_true(s.filters[1].negated);
    selection_done(&s);
}

TEST(a_star_is_taken_as_it_is_behind_a_backslash)
{
    struct selection s = {0};

    read_ok(&s, "action=user.%5C*");
    const struct selection_value *value = selection_find(&s, SELECT_ACTION)->values;
    assert_true(slice_is(value->text, "user.*"));
    assert_false(value->prefix);
    selection_done(&s);
}

TEST(dates_and_words_are_read)
{
    struct selection s = {0};

    read_ok(&s, "q=+Disk%09%C3%84rger+&startDate=2026-11-22&endDate=2026-11-22T10:00:00%2B02:00");
    assert_int_equal(s.word_count, 2);
    assert_true(slice_is(s.words[0], "disk"));
    assert_true(slice_is(s.words[1], "\xc3\xa4rger"));
    assert_true(s.has_start && s.has_end);
    assert_int_equal(s.start_ms, 1795305600000);
    assert_int_equal(s.end_ms, 1795334400000);
    selection_done(&s);
}

TEST(operators_in_names_are_refused_however_they_are_written)
{
    const char *must = "userId: \"userId\" must be a string\n";

    assert_faults("userId[$ne]=x", must);
    assert_faults("userId%5B%24ne%5D=x", must);
    assert_faults("userId[]=x&userId=y", must);
    assert_faults("userId[$ne]!=x", must);
    assert_faults("q[$gt]=x", "q: \"q\" must be a string\n");
    assert_faults("metadata.a[$ne]=x", "metadata.a: \"metadata.a\" must be a string\n");
    assert_faults("startDate[$gt]=2026", "startDate: \"startDate\" must be a valid date\n");
}

TEST(paths_that_are_none_are_refused)
{
    const char *must = "metadata: \"metadata\" fails to match the required pattern\n";
    const char *bad[] = {"metadata.=1",      "metadata.$where=1",
                         "metadata.a.$ne=1", "metadata.a..b=1",
                         "metadata.a.=1",    "metadata..a=1",
                         "metadata[a]=1",    "metadata.a%00b=1",
                         "metadata.%ff=1",   "metadata.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_faults(bad[i], must);
    assert_faults("metadata.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", "");
}

TEST(words_from_a_list_are_checked)
{
    assert_faults("severity=fatal&severity=info&outcome=maybe&outcome!=success",
                  "severity: \"severity\" must be one of [info, warn, error, critical]\n"
                  "outcome: \"outcome\" must be one of [success, failure, none]\n");
    assert_faults("severity=&outcome=*&severity!=*",
                  "severity: \"severity\" must be one of [info, warn, error, critical]\n"
                  "severity: \"severity\" is not allowed to be empty\n");
    assert_faults("severity[$ne]=info",
                  "severity: \"severity\" must be one of [info, warn, error, critical]\n"
                  "severity: \"severity\" must be a string\n");
}

TEST(all_faults_come_in_the_order_of_the_fields)
{
    assert_faults("endDate=x&startDate=2026&startDate=2027&q=&action=%ff&service=&metadata.x=",
                  "service: \"service\" is not allowed to be empty\n"
                  "action: \"action\" must be a string\n"
                  "metadata.x: \"metadata.x\" is not allowed to be empty\n"
                  "q: \"q\" is not allowed to be empty\n"
                  "startDate: \"startDate\" must be a valid date\n"
                  "endDate: \"endDate\" must be in ISO 8601 date format\n");
    assert_faults("q!=a&startDate!=2026",
                  "q: \"q\" is not allowed to be negated\n"
                  "startDate: \"startDate\" is not allowed to be negated\n");
    assert_faults("q=+", "q: \"q\" is not allowed to be empty\n");
    assert_faults("q=a&q=b", "q: \"q\" must be a string\n");
}

/* `before`0`after``before`1`after`… */
static void add_many(struct buf *out, const char *before, const char *after, int count)
{
    for (int i = 0; i < count; i++)
        buf_printf(out, "%s%d%s", before, i, after);
}

TEST(everything_is_bounded)
{
    AUTO_BUF query = {0};

    add_many(&query, "tag=", "&", 50);
    assert_faults(buf_text(&query), "");
    buf_add_text(&query, "tag=x");
    assert_faults(buf_text(&query), "tag: \"tag\" must contain less than or equal to 50 items\n");
    add_many(&query, "&tag=x", "", 1000);
    assert_faults(buf_text(&query), "tag: \"tag\" must contain less than or equal to 50 items\n");
    buf_clear(&query);
    add_many(&query, "metadata.m", "=1&", 1000);
    assert_faults(buf_text(&query),
                  "metadata: \"metadata\" must contain less than or equal to 40 items\n");
    assert_faults("q=1+2+3+4+5+6+7+8+9+10", "");
    assert_faults("q=1+2+3+4+5+6+7+8+9+10+11",
                  "q: \"q\" must contain less than or equal to 10 items\n");
    buf_clear(&query);
    buf_add_text(&query, "q=");
    add_many(&query, "", "", 150);
    assert_faults(buf_text(&query),
                  "q: \"q\" length must be less than or equal to 200 characters long\n");
}

TEST(the_canonical_text_tells_choices_apart_and_nothing_else)
{
    assert_same("service=a&action=b&tag=x&tag=y", "tag=y&tag=x&action=b&service=a&limit=3", true);
    assert_same("startDate=2026", "startDate=2026-01-01T00:00:00Z", true);
    assert_same("service=a&service=b", "service=ab", false);
    assert_same("service=a", "action=a", false);
    assert_same("service=a", "service!=a", false);
    assert_same("service=a*", "service=a", false);
    assert_same("service=a*", "service=a%5C*", false);
    assert_same("metadata.a=b", "metadata.b=a", false);
    assert_same("q=a+b", "q=ab", false);
    assert_same("startDate=2026", "endDate=2026", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_is_all),
        cmocka_unit_test(values_gather_in_one_filter_a_field),
        cmocka_unit_test(a_star_is_taken_as_it_is_behind_a_backslash),
        cmocka_unit_test(dates_and_words_are_read),
        cmocka_unit_test(operators_in_names_are_refused_however_they_are_written),
        cmocka_unit_test(paths_that_are_none_are_refused),
        cmocka_unit_test(words_from_a_list_are_checked),
        cmocka_unit_test(all_faults_come_in_the_order_of_the_fields),
        cmocka_unit_test(everything_is_bounded),
        cmocka_unit_test(the_canonical_text_tells_choices_apart_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
