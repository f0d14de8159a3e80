/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "indexer/outcome.h"

#include <bson/bson.h>

static bson_error_t fault(uint32_t domain, uint32_t code, const char *text)
{
    bson_error_t why;

    bson_set_error(&why, domain, code, "%s", text);
    return why;
}

static enum result outcome(const char *reply, bson_error_t why, struct refusals *refused)
{
    bson_t *doc = bson_new_from_json((const uint8_t *)reply, -1, NULL);
    struct err err;

    assert_non_null(doc);
    enum result result = outcome_of_write(doc, &why, 3, refused, &err);
    bson_destroy(doc);
    return result;
}

TEST(what_is_refused_one_by_one_is_told_one_by_one)
{
    struct refusals refused = {0};

    assert_int_equal(
        outcome("{\"writeErrors\": [{\"index\": 2, \"code\": 11000, \"errmsg\": \"E1\"},"
                " {\"index\": 0, \"code\": 2, \"errmsg\": \"bad\"}]}",
                fault(MONGOC_ERROR_SERVER, 11000, "E1"), &refused),
        OK);
    assert_int_equal(refused.count, 2);
    assert_int_equal(refused.items[0].index, 2);
    assert_int_equal(refused.items[0].code, 11000);
    assert_int_equal(refused.items[1].index, 0);
    assert_string_equal(refused.items[1].text, "bad");
    assert_false(refused.whole);
    refusals_done(&refused);
}

TEST(what_is_not_durable_is_not_stored)
{
    struct refusals refused = {0};

    assert_int_equal(outcome("{\"writeErrors\": [{\"index\": 0, \"code\": 2, \"errmsg\": \"bad\"}],"
                             " \"writeConcernErrors\": [{\"code\": 64}]}",
                             fault(MONGOC_ERROR_WRITE_CONCERN, 64, "no majority"), &refused),
                     RETRY);
    refusals_done(&refused);
}

TEST(a_store_that_does_not_answer_is_asked_again)
{
    struct refusals refused = {0};

    assert_int_equal(outcome("{}", fault(MONGOC_ERROR_STREAM, 4, "connection closed"), &refused),
                     RETRY);
    assert_int_equal(outcome("{}", fault(MONGOC_ERROR_SERVER, 10107, "not primary"), &refused),
                     RETRY);
    assert_int_equal(refused.count, 0);
    refusals_done(&refused);
}

TEST(a_command_refused_as_one_refuses_all_of_it)
{
    struct refusals refused = {0};

    assert_int_equal(outcome("{}", fault(MONGOC_ERROR_SERVER, 10334, "too large"), &refused), OK);
    assert_int_equal(refused.count, 3);
    assert_true(refused.whole);
    refusals_done(&refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_one_by_one_is_told_one_by_one),
        cmocka_unit_test(what_is_not_durable_is_not_stored),
        cmocka_unit_test(a_store_that_does_not_answer_is_asked_again),
        cmocka_unit_test(a_command_refused_as_one_refuses_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
