/* SPDX-License-Identifier: MIT */
#include "gateway/sessions.h"

#include "tests/unit/test.h"

enum { MINUTE = 60000 };

static bson_t *log_of(const char *id, const char *session, int64_t minute)
{
    bson_t *doc = bson_new();

    BSON_APPEND_UTF8(doc, "_id", id);
    BSON_APPEND_DATE_TIME(doc, "timestamp", minute * MINUTE);
    if (session)
        BSON_APPEND_UTF8(doc, "sessionId", session);
    return doc;
}

static void add(struct sessions *s, const char *id, const char *session, int64_t minute)
{
    bson_t *doc = log_of(id, session, minute);
    sessions_add(s, doc);
    bson_destroy(doc);
}

static void peek(struct sessions *s, const char *session, int64_t minute)
{
    bson_t *doc = log_of("next", session, minute);
    sessions_peek(s, doc);
    bson_destroy(doc);
}

static void assert_counts(const struct sessions *s, const char *expected)
{
    AUTO_BUF out = {0};
    AUTO_BUF brief = {0};

    sessions_write(s, &out);
    for (const char *at = buf_text(&out); (at = strstr(at, "{\"sessionId\":")); at++) {
        const char *count = strstr(at, "\"count\":");
        const char *end = strchr(at + 13, ','), *logs = strstr(count, ",\"logs\"");

        buf_add(&brief, at + 13, (size_t)(end - at - 13));
        buf_add_char(&brief, ' ');
        buf_add(&brief, count + 8, (size_t)(logs - count - 8));
        buf_add_char(&brief, '\n');
    }
    assert_string_equal(buf_text(&brief), expected);
}

TEST(logs_of_one_session_id_are_one_session_whatever_lies_between)
{
    AUTO(sessions) s = sessions_new();

    add(s, "5", "a", 500);
    add(s, "4", "b", 400);
    add(s, "3", NULL, 350);
    add(s, "2", "a", 300);
    assert_counts(s, "\"a\" 2\n\"b\" 1\nnull 1\n");
}

TEST(without_an_id_a_session_ends_where_nothing_happened_for_half_an_hour)
{
    AUTO(sessions) s = sessions_new();

    add(s, "4", NULL, 100);
    add(s, "3", NULL, 70);
    add(s, "2", NULL, 39);
    add(s, "1", NULL, 39);
    assert_counts(s, "null 2\nnull 2\n");
}

TEST(an_empty_id_is_an_id)
{
    AUTO(sessions) s = sessions_new();

    add(s, "2", "", 2);
    add(s, "1", NULL, 1);
    assert_counts(s, "\"\" 1\nnull 1\n");
}

TEST(a_session_that_goes_on_says_so)
{
    AUTO(sessions) s = sessions_new();

    add(s, "2", "a", 100);
    add(s, "1", NULL, 90);
    peek(s, "c", 89);
    peek(s, NULL, 59);
    assert_counts(s, "\"a\" 1\nnull 1\n");
    peek(s, NULL, 60);
    assert_counts(s, "\"a\" 1\nnull 1,\"continues\":true\n");
    peek(s, "a", 1);
    assert_counts(s, "\"a\" 1,\"continues\":true\nnull 1,\"continues\":true\n");
}

TEST(a_session_is_written_with_its_ends_and_logs)
{
    AUTO(sessions) s = sessions_new();
    AUTO_BUF out = {0};

    add(s, "2", "a", 1);
    add(s, "1", "a", 0);
    sessions_write(s, &out);
    assert_string_equal(buf_text(&out),
                        "{\"sessionId\":\"a\",\"start\":\"1970-01-01T00:00:00.000Z\",\"end\":"
                        "\"1970-01-01T00:01:00.000Z\",\"count\":2,\"logs\":[{\"_id\":\"2\","
                        "\"timestamp\":\"1970-01-01T00:01:00.000Z\",\"sessionId\":\"a\"},{\"_id\":"
                        "\"1\",\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"sessionId\":\"a\"}]}");
    assert_true(sessions_bytes(s) > 0 && sessions_bytes(s) < out.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_of_one_session_id_are_one_session_whatever_lies_between),
        cmocka_unit_test(without_an_id_a_session_ends_where_nothing_happened_for_half_an_hour),
        cmocka_unit_test(an_empty_id_is_an_id),
        cmocka_unit_test(a_session_that_goes_on_says_so),
        cmocka_unit_test(a_session_is_written_with_its_ends_and_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
