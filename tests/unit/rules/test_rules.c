/* SPDX-License-Identifier: MIT */
#include "rules/mask.h"
#include "rules/rules.h"
#include "tests/unit/test.h"

static void add(struct rules *r, const char *json)
{
    bson_t *doc = bson_new_from_json((const uint8_t *)json, -1, NULL);

    assert_non_null(doc);
    rules_add(r, doc);
    bson_destroy(doc);
}

static struct log_facts facts(const char *user, const char *actor, int64_t when_ms)
{
    return (struct log_facts){.tenant = slice_of("t"),
                              .service = slice_of("auth"),
                              .severity = slice_of("info"),
                              .user_id = slice_of(user),
                              .actor_id = slice_of(actor),
                              .timestamp_ms = when_ms,
                              .created_ms = when_ms};
}

static enum verdict verdict(const struct rules *r, struct log_facts f, const char *json)
{
    struct slice salt = {NULL, 0};

    return rules_judge(r, &f, slice_of(json), &salt);
}

static const char erasure[] = "{\"kind\":\"erasure\",\"tenant\":\"t\",\"userId\":\"ada\",\"mode\":"
                              "\"delete\",\"createdAt\":{\"$date\":{\"$numberLong\":\"1000\"}}}";
static const char anonymize[] = "{\"kind\":\"erasure\",\"tenant\":\"t\",\"userId\":\"bob\","
                                "\"mode\":\"anonymize\",\"salt\":\"s\","
                                "\"createdAt\":{\"$date\":{\"$numberLong\":\"1000\"}}}";
static const char deletion[] =
    "{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"service=auth\",\"createdAt\":{\"$date\":"
    "{\"$numberLong\":\"1000\"}}}";

TEST(who_is_erased_is_dropped_as_user_and_as_actor)
{
    AUTO(rules) r = rules_new(1, 90);

    add(r, erasure);
    assert_true(rules_take_away(r));
    assert_int_equal(verdict(r, facts("ada", "ada", 1000), NULL), VERDICT_DROP);
    assert_int_equal(verdict(r, facts("cy", "ada", 1000), NULL), VERDICT_DROP);
    assert_int_equal(verdict(r, facts("cy", "cy", 1000), NULL), VERDICT_KEEP);
    assert_int_equal(verdict(r, facts("ada", "ada", 1001), NULL), VERDICT_KEEP);
}

TEST(who_is_anonymised_is_masked_unless_another_is_deleted)
{
    AUTO(rules) r = rules_new(1, 90);

    add(r, anonymize);
    assert_int_equal(verdict(r, facts("bob", "bob", 1), NULL), VERDICT_MASK);
    add(r, erasure);
    assert_int_equal(verdict(r, facts("bob", "ada", 1), NULL), VERDICT_DROP);
}

TEST(without_a_salt_nobody_is_masked_but_dropped)
{
    AUTO(rules) r = rules_new(1, 90);

    add(r, "{\"kind\":\"erasure\",\"tenant\":\"t\",\"userId\":\"bob\",\"mode\":\"anonymize\","
           "\"createdAt\":{\"$date\":{\"$numberLong\":\"1000\"}}}");
    assert_int_equal(verdict(r, facts("bob", "bob", 1), NULL), VERDICT_DROP);
}

TEST(a_deletion_covers_what_had_been_received)
{
    AUTO(rules) r = rules_new(1, 90);
    const char *auth = "{\"_id\":\"1\",\"tenant\":\"t\",\"service\":\"auth\",\"action\":\"a\"}";
    const char *mail = "{\"_id\":\"1\",\"tenant\":\"t\",\"service\":\"mail\",\"action\":\"a\"}";
    struct log_facts late = facts("x", "x", 1000);

    add(r, deletion);
    assert_int_equal(verdict(r, facts("x", "x", 1000), auth), VERDICT_DROP);
    assert_int_equal(verdict(r, facts("x", "x", 1000), mail), VERDICT_KEEP);
    late.created_ms = 1001;
    assert_int_equal(verdict(r, late, auth), VERDICT_KEEP);
    late.created_ms = 1000;
    late.tenant = slice_of("u");
    assert_int_equal(verdict(r, late, auth), VERDICT_KEEP);
}

TEST(a_deletion_that_cannot_be_read_or_chooses_everything_by_mistake_is_none)
{
    AUTO(rules) r = rules_new(1, 90);

    add(r, "{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"\",\"createdAt\":{\"$date\":"
           "{\"$numberLong\":\"1000\"}}}");
    add(r, "{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"severity=loud\",\"createdAt\":"
           "{\"$date\":{\"$numberLong\":\"1000\"}}}");
    assert_false(rules_take_away(r));
}

TEST(a_tenant_without_a_setting_has_the_default_retention)
{
    AUTO(rules) r = rules_new(1, 90);
    struct retention t, u;

    add(r, "{\"kind\":\"retention-setting\",\"tenant\":\"t\",\"days\":10,\"rules\":[{\"service\":"
           "\"auth\",\"days\":20},{\"severity\":\"info\",\"days\":5}]}");
    t = rules_retention(r, slice_of("t"));
    u = rules_retention(r, slice_of("u"));
    assert_int_equal(retention_days(&t, slice_of("auth"), slice_of("info")), 20);
    assert_int_equal(retention_days(&t, slice_of("mail"), slice_of("info")), 5);
    assert_int_equal(retention_days(&t, slice_of("mail"), slice_of("warn")), 10);
    assert_int_equal(retention_days(&u, slice_of("auth"), slice_of("info")), 90);
}

TEST(logs_are_there_as_they_were_counted_until_some_are_taken_away_or_kept_for_longer)
{
    static const char *const documents[] = {
        "{\"kind\":\"deletion\",\"tenant\":\"t\",\"filter\":\"service=auth\",\"createdAt\":"
        "{\"$date\":{\"$numberLong\":\"1000\"}}}",
        "{\"kind\":\"retention-setting\",\"tenant\":\"t\",\"days\":10,\"rules\":[{\"service\":"
        "\"auth\",\"days\":20}]}",
        "{\"kind\":\"erasure\",\"tenant\":\"t\",\"userId\":\"ada\",\"mode\":\"delete\","
        "\"createdAt\":{\"$date\":{\"$numberLong\":\"1000\"}}}",
    };

    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        AUTO(rules) r = rules_new(1, 90);

        assert_true(rules_keep_alike(r, slice_of("t")));
        add(r, documents[i]);
        assert_false(rules_keep_alike(r, slice_of("t")));
        assert_true(rules_keep_alike(r, slice_of("u")));
    }
}

TEST(who_is_masked_was_counted_and_is_still_there)
{
    AUTO(rules) r = rules_new(1, 90);

    add(r, "{\"kind\":\"erasure\",\"tenant\":\"t\",\"userId\":\"ada\",\"mode\":\"anonymize\","
           "\"salt\":\"s\",\"createdAt\":{\"$date\":{\"$numberLong\":\"1000\"}}}");
    assert_true(rules_take_away(r));
    assert_true(rules_keep_alike(r, slice_of("t")));
}

TEST(rules_live_as_long_as_one_owner)
{
    struct rules *r = rules_new(7, 90), *same = rules_share(r);

    rules_free(r);
    assert_int_equal(rules_version(same), 7);
    rules_free(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_erased_is_dropped_as_user_and_as_actor),
        cmocka_unit_test(who_is_anonymised_is_masked_unless_another_is_deleted),
        cmocka_unit_test(without_a_salt_nobody_is_masked_but_dropped),
        cmocka_unit_test(a_deletion_covers_what_had_been_received),
        cmocka_unit_test(a_deletion_that_cannot_be_read_or_chooses_everything_by_mistake_is_none),
        cmocka_unit_test(a_tenant_without_a_setting_has_the_default_retention),
        cmocka_unit_test(
            logs_are_there_as_they_were_counted_until_some_are_taken_away_or_kept_for_longer),
        cmocka_unit_test(who_is_masked_was_counted_and_is_still_there),
        cmocka_unit_test(rules_live_as_long_as_one_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
