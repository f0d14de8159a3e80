/* SPDX-License-Identifier: MIT */
#include "rules/subject.h"
#include "tests/unit/test.h"

static bool is_same(void *ctx, struct slice user_id)
{
    return slice_eq(user_id, *(const struct slice *)ctx);
}

static bool subject_is(struct slice value, struct slice key, struct slice user_id)
{
    return subject_any(value, key, is_same, &user_id);
}

static bool about(const char *value, const char *key)
{
    return subject_is(slice_of(value), slice_of(key), slice_of("ada"));
}

TEST(user_and_actor_are_subjects_also_in_a_cloudevent)
{
    assert_true(about("{\"userId\":\"ada\"}", "k"));
    assert_true(about("{\"userId\":\"\\u0061da\"}", "k"));
    assert_true(about("{\"actor\":{\"id\":\"ada\"}}", "k"));
    assert_true(about("{\"type\":\"x\",\"data\":{\"userId\":\"ada\"}}", "k"));
    assert_true(about("{}", "ada"));
}

TEST(others_and_mere_mentions_are_not)
{
    assert_false(about("{\"userId\":\"adam\"}", "k"));
    assert_false(about("{\"message\":\"ada\"}", "k"));
    assert_false(about("[\"ada\"]", "k"));
    assert_false(about("{\"userId\":7,\"ada\":\"x\"}", "k"));
}

TEST(what_has_the_wrong_type_or_place_is_about_them_all_the_same)
{
    assert_true(about("{\"userId\":[\"bob\",\"ada\"]}", "k"));
    assert_true(about("{\"actor\":\"ada\"}", "k"));
    assert_true(about("[{\"userId\":\"ada\"}]", "k"));
    assert_true(about("{\"metadata\":{\"actorId\":\"ada\"}}", "k"));
    assert_true(subject_is(slice_of("{\"userId\":42}"), slice_of("k"), slice_of("42")));
}

TEST(in_what_is_no_json_a_word_or_what_is_quoted_is_enough)
{
    assert_true(about("{\"userId\":\"ada\"", "k"));
    assert_true(about("service=s&userId=ada", "k"));
    assert_true(about("ada", "k"));
    assert_true(subject_is(slice_of("{\"a b\""), slice_of("k"), slice_of("a b")));
    assert_false(about("{\"userId\":\"adam\"", "k"));
    assert_false(about("", "k"));
    assert_false(subject_is((struct slice){NULL, 0}, (struct slice){NULL, 0}, slice_of("ada")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_and_actor_are_subjects_also_in_a_cloudevent),
        cmocka_unit_test(others_and_mere_mentions_are_not),
        cmocka_unit_test(what_has_the_wrong_type_or_place_is_about_them_all_the_same),
        cmocka_unit_test(in_what_is_no_json_a_word_or_what_is_quoted_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
