/* SPDX-License-Identifier: MIT */
#include "rules/reject.h"
#include "tests/unit/test.h"

enum { ERASED_AT = 1000 };

static const char about_ada[] = "{\"userId\":\"ada\"}";

static void add_bytes(bson_t *doc, const char *name, const char *text)
{
    if (text)
        bson_append_binary(doc, name, -1, BSON_SUBTYPE_BINARY, (const uint8_t *)text,
                           (uint32_t)strlen(text));
}

static bool erased(const char *tenant, int64_t received_ms, const char *value, const char *replayed)
{
    const struct erasure ada = {
        .tenant = slice_of("t"), .user_id = slice_of("ada"), .at_ms = ERASED_AT};
    AUTO(erasures) erasures = erasures_new();
    bson_t doc = BSON_INITIALIZER;

    erasures_add(erasures, &ada);
    BSON_APPEND_UTF8(&doc, "tenant", tenant);
    if (received_ms)
        BSON_APPEND_DATE_TIME(&doc, "receivedAt", received_ms);
    BSON_APPEND_DATE_TIME(&doc, "at", ERASED_AT + 500);
    add_bytes(&doc, "value", value);
    add_bytes(&doc, "replayValue", replayed);
    bool is = reject_is_erased(&doc, erasures);
    bson_destroy(&doc);
    return is;
}

TEST(what_was_received_before_the_erasure_is_erased)
{
    assert_true(erased("t", 900, about_ada, NULL));
    assert_false(erased("t", 1100, about_ada, NULL));
    assert_false(erased("other", 900, about_ada, NULL));
    assert_false(erased("t", 900, "{\"userId\":\"bob\"}", NULL));
    assert_false(erased("t", 0, about_ada, NULL));
}

TEST(what_comes_late_is_erased_by_what_it_says_itself)
{
    assert_true(erased("t", 1100, "{\"userId\":\"ada\",\"timestamp\":\"1970-01-01\"}", NULL));
    assert_false(erased("t", 1100, "{\"userId\":\"ada\",\"timestamp\":\"1980-01-01\"}", NULL));
}

TEST(what_it_was_mended_to_counts_too)
{
    assert_true(erased("t", 900, "{}", about_ada));
    assert_true(erased("t", 1100, "{}", "{\"userId\":\"ada\",\"timestamp\":\"1970-01-01\"}"));
    assert_false(erased("t", 1100, "{}", about_ada));
}

TEST(without_erasures_nothing_is_erased)
{
    AUTO(erasures) none = erasures_new();
    bson_t doc = BSON_INITIALIZER;

    assert_false(reject_is_erased(&doc, none));
    assert_false(reject_is_erased(&doc, NULL));
    bson_destroy(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_received_before_the_erasure_is_erased),
        cmocka_unit_test(what_comes_late_is_erased_by_what_it_says_itself),
        cmocka_unit_test(what_it_was_mended_to_counts_too),
        cmocka_unit_test(without_erasures_nothing_is_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
