/* SPDX-License-Identifier: MIT */
#include "gateway/rule_target.h"
#include "tests/unit/test.h"

#include <stdlib.h>

static bson_t *read_json(const char *json)
{
    bson_t *doc = bson_new_from_json((const uint8_t *)json, -1, NULL);

    assert_non_null(doc);
    return doc;
}

static void expect_filter(const char *rule_json, struct rule_span span, bool of_user,
                          const char *wanted)
{
    bson_t *rule = read_json(rule_json), out = BSON_INITIALIZER;
    AUTO(rule_target) t = rule_target_new(rule, NULL);

    assert_non_null(t);
    rule_target_filter(t, span, of_user, &out);
    char *text = bson_as_json(&out, NULL);
    assert_string_equal(text, wanted);
    bson_free(text);
    bson_destroy(&out);
    bson_destroy(rule);
}

static const struct rule_span always = {INT64_MIN, INT64_MAX};

#define AT "\"createdAt\":{\"$date\":{\"$numberLong\":\"1000\"}}"

TEST(a_deletion_means_what_was_received_before)
{
    expect_filter("{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"service=auth\"," AT "}",
                  always, false,
                  "{ \"tenant\" : \"t\", \"createdAt\" : { \"$lte\" : { \"$date\" : 1000 } }, "
                  "\"service\" : \"auth\" }");
}

TEST(a_slice_of_time_is_part_of_the_filter)
{
    const struct rule_span span = {5, 7};

    expect_filter(
        "{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"\",\"all\":true," AT "}", span, false,
        "{ \"tenant\" : \"t\", \"timestamp\" : { \"$gte\" : { \"$date\" : 5 }, \"$lte\" : "
        "{ \"$date\" : 7 } }, \"createdAt\" : { \"$lte\" : { \"$date\" : 1000 } } }");
}

TEST(an_erasure_means_a_life_of_a_user_or_actor)
{
    static const char rule[] =
        "{\"kind\":\"erasure\",\"tenant\":\"t\",\"userId\":\"$ne\",\"mode\":\"delete\"," AT "}";
    static const char life[] =
        "\"$or\" : [ { \"timestamp\" : { \"$lte\" : { \"$date\" : 1000 } } }, "
        "{ \"createdAt\" : { \"$lte\" : { \"$date\" : 1000 } } } ] }";
    char wanted[400];

    snprintf(wanted, sizeof wanted, "{ \"tenant\" : \"t\", \"userId\" : \"$ne\", %s", life);
    expect_filter(rule, always, true, wanted);
    snprintf(wanted, sizeof wanted, "{ \"tenant\" : \"t\", \"actor.id\" : \"$ne\", %s", life);
    expect_filter(rule, always, false, wanted);
}

TEST(what_is_no_rule_is_none)
{
    static const char *const none[] = {
        "{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"\"," AT "}",
        "{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"severity=loud\"," AT "}",
        "{\"kind\":\"erasure\",\"tenant\":\"t\"," AT "}",
        "{\"kind\":\"retention\",\"tenant\":\"t\"," AT "}",
        "{\"kind\":\"other\",\"tenant\":\"t\"," AT "}",
        "{\"kind\":\"deletion\",\"filter\":\"service=a\"," AT "}",
    };

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        bson_t *rule = read_json(none[i]);

        assert_null(rule_target_new(rule, NULL));
        bson_destroy(rule);
    }
}

TEST(a_deletions_dates_bound_its_walk)
{
    bson_t *rule =
        read_json("{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":"
                  "\"startDate=1970-01-01T00:00:01Z&endDate=1970-01-01T00:00:02Z\"," AT "}");
    AUTO(rule_target) t = rule_target_new(rule, NULL);

    assert_int_equal(rule_target_span(t).from_ms, 1000);
    assert_int_equal(rule_target_span(t).to_ms, 2000);
    bson_destroy(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deletion_means_what_was_received_before),
        cmocka_unit_test(a_slice_of_time_is_part_of_the_filter),
        cmocka_unit_test(an_erasure_means_a_life_of_a_user_or_actor),
        cmocka_unit_test(what_is_no_rule_is_none),
        cmocka_unit_test(a_deletions_dates_bound_its_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
