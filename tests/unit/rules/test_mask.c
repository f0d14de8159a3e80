/* SPDX-License-Identifier: MIT */
#include "rules/mask.h"
#include "tests/unit/test.h"

static bson_t *masked(const char *json, const char *salt)
{
    bson_t *doc = bson_new_from_json((const uint8_t *)json, -1, NULL);
    bson_t *out = mask_document(doc, slice_of(salt));

    bson_destroy(doc);
    return out;
}

static const char whole[] =
    "{\"_id\":\"1\",\"hash\":\"h\",\"service\":\"auth\",\"userId\":\"ada\",\"message\":\"ada "
    "came\","
    "\"actor\":{\"type\":\"user\",\"id\":\"ada\",\"name\":\"Ada L\"},\"ip\":\"10.1.2.3\","
    "\"metadata\":{\"ip\":\"10.1.2.3\",\"cart\":{\"ip\":\"kept\"},\"userId\":7,\"items\":3}}";

static const char *text(const bson_t *doc, const char *path)
{
    bson_iter_t it, found;

    assert_true(bson_iter_init(&it, doc));
    assert_true(bson_iter_find_descendant(&it, path, &found));
    return bson_iter_utf8(&found, NULL);
}

TEST(equal_values_stay_equal_and_none_is_what_it_was)
{
    bson_t *doc = masked(whole, "salt");

    assert_string_equal(text(doc, "userId"), text(doc, "actor.id"));
    assert_string_equal(text(doc, "ip"), text(doc, "metadata.ip"));
    assert_string_not_equal(text(doc, "userId"), text(doc, "ip"));
    assert_int_equal(strlen(text(doc, "userId")), strlen("anon-0123456789abcdef"));
    assert_memory_equal(text(doc, "actor.name"), "anon-", 5);
    assert_memory_equal(text(doc, "metadata.userId"), "anon-", 5);
    assert_memory_equal(text(doc, "hash"), "anon-", 5);
    bson_destroy(doc);
}

TEST(all_else_stays)
{
    bson_t *doc = masked(whole, "salt");

    assert_string_equal(text(doc, "_id"), "1");
    assert_string_equal(text(doc, "message"), "ada came");
    assert_string_equal(text(doc, "actor.type"), "user");
    assert_string_equal(text(doc, "metadata.cart.ip"), "kept");
    bson_destroy(doc);
}

TEST(another_salt_gives_other_names)
{
    bson_t *one = masked(whole, "salt"), *same = masked(whole, "salt"),
           *two = masked(whole, "pepper");

    assert_true(bson_equal(one, same));
    assert_string_not_equal(text(one, "userId"), text(two, "userId"));
    bson_destroy(one);
    bson_destroy(same);
    bson_destroy(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_stay_equal_and_none_is_what_it_was),
        cmocka_unit_test(all_else_stays),
        cmocka_unit_test(another_salt_gives_other_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
