/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "schemas/bson_member.h"
#include "schemas/reject_bson.h"

static void add_header(bson_t *list, const char *key, const char *name, const char *value)
{
    bson_t item;

    BSON_APPEND_DOCUMENT_BEGIN(list, key, &item);
    BSON_APPEND_UTF8(&item, "name", name);
    if (value)
        BSON_APPEND_BINARY(&item, "value", BSON_SUBTYPE_BINARY, (const uint8_t *)value,
                           (uint32_t)strlen(value));
    bson_append_document_end(list, &item);
}

static void assert_next(struct reject_headers *h, const char *name, const char *value)
{
    const char *found;
    struct slice bytes;

    assert_true(reject_headers_next(h, &found, &bytes));
    assert_string_equal(found, name);
    assert_true(slice_is(bytes, value));
}

TEST(headers_come_in_their_order_and_twice_where_they_are_there_twice)
{
    bson_t doc = BSON_INITIALIZER, list;
    struct slice value;
    const char *name;

    BSON_APPEND_ARRAY_BEGIN(&doc, "headers", &list);
    add_header(&list, "0", "als.id", "a");
    add_header(&list, "1", "without-value", NULL);
    add_header(&list, "2", "als.id", "b");
    BSON_APPEND_INT32(&list, "3", 5);
    bson_append_array_end(&doc, &list);

    struct reject_headers h = reject_headers(&doc);
    assert_next(&h, "als.id", "a");
    assert_next(&h, "als.id", "b");
    assert_false(reject_headers_next(&h, &name, &value));
    assert_false(reject_headers_next(&h, &name, &value));
    bson_destroy(&doc);
}

TEST(a_reject_without_headers_has_none)
{
    bson_t none = BSON_INITIALIZER, odd = BSON_INITIALIZER;
    struct reject_headers h = reject_headers(&none);
    struct slice value;
    const char *name;

    assert_false(reject_headers_next(&h, &name, &value));
    BSON_APPEND_UTF8(&odd, "headers", "none");
    h = reject_headers(&odd);
    assert_false(reject_headers_next(&h, &name, &value));
    bson_destroy(&odd);
    bson_destroy(&none);
}

TEST(a_member_of_another_type_is_absent)
{
    bson_t doc = BSON_INITIALIZER;

    BSON_APPEND_INT32(&doc, "n", 5);
    BSON_APPEND_UTF8(&doc, "text", "");
    BSON_APPEND_BINARY(&doc, "bytes", BSON_SUBTYPE_BINARY, (const uint8_t *)"x", 1);
    assert_null(bson_text_of(&doc, "n").data);
    assert_null(bson_text_of(&doc, "nothing").data);
    assert_null(bson_text_of(&doc, "bytes").data);
    assert_null(bson_bytes_of(&doc, "text").data);
    assert_non_null(bson_text_of(&doc, "text").data);
    assert_true(slice_is(bson_bytes_of(&doc, "bytes"), "x"));
    bson_destroy(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_come_in_their_order_and_twice_where_they_are_there_twice),
        cmocka_unit_test(a_reject_without_headers_has_none),
        cmocka_unit_test(a_member_of_another_type_is_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
