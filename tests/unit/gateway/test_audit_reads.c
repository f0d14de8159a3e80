/* SPDX-License-Identifier: MIT */
#include "gateway/audit_reads.h"

#include "tests/unit/test.h"

static struct audit_note note(const char *what, const char *who)
{
    struct audit_note n = {.action = "pipeline.read", .read = true};

    buf_add_text(&n.json, what);
    n.what_len = n.json.len;
    buf_printf(&n.json, ",\"requestId\":\"%p\"", (void *)n.json.data);
    buf_add_text(&n.tenant, who);
    return n;
}

/* Is it to be sent at once? */
static bool first(struct audit_reads *a, const char *what, const char *who, bool failed, int64_t ms)
{
    struct audit_note n = note(what, who);
    bool taken = audit_reads_take(a, &n, failed, ms);

    audit_note_done(&n);
    return !taken;
}

static int64_t due(struct audit_reads *a, int64_t ms, bool all)
{
    struct audit_note n;
    bool failed;
    long long times = 0;

    if (!audit_reads_due(a, ms, all, &n, &failed))
        return 0;
    buf_add_char(&n.json, '\0');
    const char *metadata = strstr(n.json.data, ",\"metadata\":");
    assert_non_null(metadata);
    assert_int_equal(sscanf(metadata, ",\"metadata\":{\"times\":%lld}", &times), 1);
    audit_note_done(&n);
    return times;
}

TEST(the_first_read_is_sent_and_the_rest_of_a_minute_is_one_record)
{
    AUTO(audit_reads) a = audit_reads_new();

    assert_true(first(a, "x", "t", false, 0));
    for (int i = 1; i < 60; i++)
        assert_false(first(a, "x", "t", false, i * INT64_C(1000)));
    assert_int_equal(due(a, 59999, false), 0);
    assert_int_equal(due(a, 60000, false), 59);
    assert_int_equal(due(a, 60000, false), 0);
}

TEST(who_polls_on_has_a_record_a_minute)
{
    AUTO(audit_reads) a = audit_reads_new();

    assert_true(first(a, "x", "t", false, 0));
    assert_false(first(a, "x", "t", false, 1));
    assert_int_equal(due(a, 60000, false), 1);
    assert_false(first(a, "x", "t", false, 60001));
    assert_int_equal(due(a, 119999, false), 0);
    assert_int_equal(due(a, 120000, false), 1);
}

TEST(after_a_minute_of_silence_the_next_is_a_first_one)
{
    AUTO(audit_reads) a = audit_reads_new();

    assert_true(first(a, "x", "t", false, 0));
    assert_int_equal(due(a, 60000, false), 0);
    assert_true(first(a, "x", "t", false, 60001));
}

TEST(another_tenant_act_or_outcome_is_another_read)
{
    AUTO(audit_reads) a = audit_reads_new();

    assert_true(first(a, "x", "t", false, 0));
    assert_true(first(a, "y", "t", false, 0));
    assert_true(first(a, "x", "u", false, 0));
    assert_true(first(a, "x", "t", true, 0));
    assert_false(first(a, "x", "t", true, 0));
}

TEST(at_the_end_all_that_is_counted_is_told)
{
    AUTO(audit_reads) a = audit_reads_new();

    first(a, "x", "t", false, 0);
    first(a, "x", "t", false, 0);
    first(a, "y", "t", false, 0);
    first(a, "z", "t", false, 0);
    first(a, "z", "t", false, 0);
    first(a, "z", "t", false, 0);
    assert_int_equal(due(a, 0, true) + due(a, 0, true), 3);
    assert_int_equal(due(a, 0, true), 0);
}

TEST(when_too_many_differ_each_is_sent)
{
    AUTO(audit_reads) a = audit_reads_new();
    char what[16];

    for (int i = 0; i < AUDIT_READS_MAX + 10; i++) {
        snprintf(what, sizeof what, "%d", i);
        assert_true(first(a, what, "t", false, 0));
    }
    assert_true(first(a, what, "t", false, 0));
    assert_false(first(a, "0", "t", false, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_read_is_sent_and_the_rest_of_a_minute_is_one_record),
        cmocka_unit_test(who_polls_on_has_a_record_a_minute),
        cmocka_unit_test(after_a_minute_of_silence_the_next_is_a_first_one),
        cmocka_unit_test(another_tenant_act_or_outcome_is_another_read),
        cmocka_unit_test(at_the_end_all_that_is_counted_is_told),
        cmocka_unit_test(when_too_many_differ_each_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
