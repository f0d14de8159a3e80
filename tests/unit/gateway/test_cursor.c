/* SPDX-License-Identifier: MIT */
#include "gateway/cursor.h"

#include "gateway/base64url.h"
#include "tests/unit/test.h"

static const struct log_position position = {1795341600123, {"t1/018f-abc.d:e_f", 17}};

#define AUTO_QUERY __attribute__((cleanup(log_query_done))) struct log_query

static struct log_query asking(const char *query)
{
    struct log_query q = {0};
    struct faults faults = {0};

    assert_int_equal(log_query_read(&q, slice_of(query), &faults), OK);
    return q;
}

static struct log_query of_service(const char *service)
{
    AUTO_BUF query = {0};

    buf_printf(&query, "service=%s", service);
    return asking(buf_text(&query));
}

static bool accepts(struct slice text, const struct log_query *q, const char *tenant)
{
    AUTO_BUF arena = {0};
    struct log_position at;
    return cursor_read(text, q, slice_of(tenant), &arena, &at);
}

TEST(a_cursor_gives_its_position_back)
{
    AUTO_QUERY q = of_service("a");
    struct log_position at;
    AUTO_BUF text = {0};
    AUTO_BUF arena = {0};

    cursor_write(&text, &q, slice_of("t1"), &position);
    assert_true(cursor_read(buf_slice(&text), &q, slice_of("t1"), &arena, &at));
    assert_int_equal(at.timestamp_ms, position.timestamp_ms);
    assert_true(slice_eq(at.id, position.id));
}

TEST(a_cursor_whose_millisecond_is_done_has_no_id)
{
    AUTO_QUERY q = of_service("a");
    const struct log_position done = {position.timestamp_ms, {"", 0}};
    struct log_position at;
    AUTO_BUF text = {0};
    AUTO_BUF arena = {0};

    cursor_write(&text, &q, slice_of("t1"), &done);
    assert_true(cursor_read(buf_slice(&text), &q, slice_of("t1"), &arena, &at));
    assert_int_equal(at.timestamp_ms, position.timestamp_ms);
    assert_int_equal(at.id.len, 0);
}

TEST(times_before_1970_and_the_longest_id_come_back_too)
{
    AUTO_QUERY q = of_service("a");
    struct log_position at, longest = {-62167219200000, {NULL, 129}};
    char id[129];
    AUTO_BUF text = {0};
    AUTO_BUF arena = {0};

    memset(id, 'x', sizeof id);
    longest.id.data = id;
    cursor_write(&text, &q, slice_of("t1"), &longest);
    assert_true(cursor_read(buf_slice(&text), &q, slice_of("t1"), &arena, &at));
    assert_int_equal(at.timestamp_ms, longest.timestamp_ms);
    assert_true(slice_eq(at.id, longest.id));
}

TEST(a_cursor_needs_no_escaping_in_a_url)
{
    AUTO_QUERY q = of_service("a");
    AUTO_BUF text = {0};

    cursor_write(&text, &q, slice_of("t1"), &position);
    for (size_t i = 0; i < text.len; i++)
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789-_",
                               text.data[i]));
}

TEST(another_tenant_or_other_filters_refuse_it)
{
    const char *others[] = {"service=b",
                            "",
                            "service=a&severity=info",
                            "service=a&startDate=1970",
                            "service=a&endDate=1970",
                            "action=a",
                            "service!=a",
                            "service=a*",
                            "service=a&q=a",
                            "service=a&metadata.a=a",
                            "service=a&sort=timestamp"};
    AUTO_QUERY q = of_service("a");
    AUTO_BUF text = {0};

    cursor_write(&text, &q, slice_of("t1"), &position);
    assert_true(accepts(buf_slice(&text), &q, "t1"));
    assert_false(accepts(buf_slice(&text), &q, "t2"));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        AUTO_QUERY other = asking(others[i]);
        assert_false(accepts(buf_slice(&text), &other, "t1"));
    }
}

TEST(page_limit_and_count_may_change_on_the_way)
{
    AUTO_QUERY q = of_service("a");
    AUTO_BUF text = {0};

    cursor_write(&text, &q, slice_of("t1"), &position);
    q.page = 9;
    q.limit = 1000;
    q.count = COUNT_EXACT;
    assert_true(accepts(buf_slice(&text), &q, "t1"));
}

TEST(every_changed_character_is_noticed)
{
    AUTO_QUERY q = of_service("a");
    AUTO_BUF text = {0};

    cursor_write(&text, &q, slice_of("t1"), &position);
    for (size_t i = 0; i < text.len; i++) {
        char was = text.data[i];
        text.data[i] = was == 'A' ? 'B' : 'A';
        assert_false(accepts(buf_slice(&text), &q, "t1"));
        text.data[i] = was;
    }
    for (size_t len = 0; len < text.len; len++)
        assert_false(accepts(slice_make(text.data, len), &q, "t1"));
}

TEST(made_up_texts_are_refused)
{
    AUTO_QUERY q = of_service("a");
    const char *made_up[] = {"",
                             "A",
                             "abc",
                             "!!!!",
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "\xff\xfe",
                             "AQ==",
                             "AQAAAAAAAAAAAAAAAAAAAAAAYQ"};
    char endless[5000];

    memset(endless, 'A', sizeof endless);
    for (size_t i = 0; i < sizeof made_up / sizeof made_up[0]; i++)
        assert_false(accepts(slice_of(made_up[i]), &q, "t1"));
    assert_false(accepts(slice_make(endless, sizeof endless), &q, "t1"));
    assert_false(accepts(slice_make("AQ\0A", 4), &q, "t1"));
}

/* Whoever computes the check sum too can still not send the store what is no id and no time. */
TEST(a_well_summed_cursor_of_nonsense_is_refused)
{
    AUTO_QUERY q = of_service("a");
    const struct log_position bad[] = {
        {INT64_MIN, {"x", 1}},
        {INT64_MAX, {"x", 1}},
        {0, {"\xff", 1}},
        {0, {"a\0b", 3}},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO_BUF text = {0};
        cursor_write(&text, &q, slice_of("t1"), &bad[i]);
        assert_false(accepts(buf_slice(&text), &q, "t1"));
    }
}

/* RFC 4648, section 10, in the alphabet of section 5 and without padding. */
TEST(base64url_writes_the_vectors_of_its_rfc)
{
    const char *plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\xfb\xff"};
    const char *coded[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy", "-_8"};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        AUTO_BUF there = {0};
        AUTO_BUF back = {0};
        base64url_encode(&there, slice_of(plain[i]));
        assert_string_equal(buf_text(&there), coded[i]);
        assert_true(base64url_decode(&back, slice_of(coded[i])));
        assert_string_equal(buf_text(&back), plain[i]);
    }
}

TEST(base64url_has_one_text_for_the_same_bytes)
{
    AUTO_BUF out = {0};

    assert_false(
        base64url_decode(&out, slice_of("Zh"))); /* as Zg, but for bits that mean nothing */
    assert_false(base64url_decode(&out, slice_of("Zg==")));
    assert_false(base64url_decode(&out, slice_of("Z")));
    assert_false(base64url_decode(&out, slice_of("Zm+v")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_gives_its_position_back),
        cmocka_unit_test(a_cursor_whose_millisecond_is_done_has_no_id),
        cmocka_unit_test(times_before_1970_and_the_longest_id_come_back_too),
        cmocka_unit_test(a_cursor_needs_no_escaping_in_a_url),
        cmocka_unit_test(another_tenant_or_other_filters_refuse_it),
        cmocka_unit_test(page_limit_and_count_may_change_on_the_way),
        cmocka_unit_test(every_changed_character_is_noticed),
        cmocka_unit_test(made_up_texts_are_refused),
        cmocka_unit_test(a_well_summed_cursor_of_nonsense_is_refused),
        cmocka_unit_test(base64url_writes_the_vectors_of_its_rfc),
        cmocka_unit_test(base64url_has_one_text_for_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
