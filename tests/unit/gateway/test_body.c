/* SPDX-License-Identifier: MIT */
#include "gateway/body.h"

#include "common/mem.h"
#include "tests/unit/test.h"

#include <zlib.h>
#include <zstd.h>

static const size_t limit = 100000;

static enum body_format format_of(const char *content_type)
{
    enum body_format format;
    struct refusal refusal;
    assert_true(body_format(slice_of(content_type), &format, &refusal));
    return format;
}

static void assert_unsupported(const char *content_type)
{
    enum body_format format;
    struct refusal refusal;
    assert_false(body_format(slice_of(content_type), &format, &refusal));
    assert_int_equal(refusal.status, 415);
    assert_string_equal(refusal.code, "unsupported_media_type");
}

TEST(json_comes_under_several_types_or_none)
{
    assert_int_equal(format_of(NULL), BODY_JSON);
    assert_int_equal(format_of(""), BODY_JSON);
    assert_int_equal(format_of("application/json"), BODY_JSON);
    assert_int_equal(format_of("Application/JSON ; Charset=\"UTF-8\""), BODY_JSON);
    assert_int_equal(format_of("application/vnd.acme.log+json"), BODY_JSON);
    assert_int_equal(format_of("application/x-ndjson;charset=utf-8"), BODY_NDJSON);
    assert_int_equal(format_of("application/x-www-form-urlencoded"), BODY_FORM);
}

TEST(other_types_and_charsets_are_refused)
{
    assert_unsupported("text/plain");
    assert_unsupported("application/jsonx");
    assert_unsupported("+json");
    assert_unsupported("multipart/form-data; boundary=x");
    assert_unsupported("application/json; charset=iso-8859-1");
}

/* `text` compressed by the library itself, as a client would; the caller frees. */
static struct slice gzipped(struct slice text)
{
    size_t room = text.len + 1024;
    unsigned char *out = mem_alloc(room);
    z_stream z = {.next_in = (unsigned char *)text.data,
                  .avail_in = (unsigned)text.len,
                  .next_out = out,
                  .avail_out = (unsigned)room};
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return slice_make(out, z.total_out);
}

static struct slice zstded(struct slice text)
{
    size_t room = ZSTD_compressBound(text.len);
    char *out = mem_alloc(room);
    return slice_make(out, ZSTD_compress(out, room, text.data, text.len, 3));
}

static int decode(const char *encoding, struct slice body, struct buf *out, struct slice *text)
{
    struct refusal refusal = {0};
    bool good = body_decode(slice_of(encoding), body, limit, out, text, &refusal);
    return good ? 200 : refusal.status;
}

static void assert_round_trip(const char *encoding, struct slice packed, struct slice expected)
{
    AUTO_BUF out = {0};
    struct slice text;
    assert_int_equal(decode(encoding, packed, &out, &text), 200);
    assert_true(slice_eq(text, expected));
}

TEST(compressed_bodies_come_out_as_they_went_in)
{
    struct slice text = slice_of("{\"service\":\"a\",\"action\":\"b\"}");
    struct slice gz = gzipped(text), zs = zstded(text);
    assert_round_trip("gzip", gz, text);
    assert_round_trip(" GZIP ", gz, text);
    assert_round_trip("zstd", zs, text);
    assert_round_trip("identity", text, text);
    assert_round_trip(NULL, text, text);
    free((char *)gz.data);
    free((char *)zs.data);
}

TEST(members_in_a_row_are_one_body)
{
    struct slice gz = gzipped(slice_of("ab")), zs = zstded(slice_of("ab"));
    AUTO_BUF twice = {0};
    buf_add_slice(&twice, gz);
    buf_add_slice(&twice, gz);
    assert_round_trip("gzip", buf_slice(&twice), slice_of("abab"));
    buf_clear(&twice);
    buf_add_slice(&twice, zs);
    buf_add_slice(&twice, zs);
    assert_round_trip("zstd", buf_slice(&twice), slice_of("abab"));
    free((char *)gz.data);
    free((char *)zs.data);
}

static void assert_limited(const char *encoding, struct slice (*pack)(struct slice))
{
    char *zeros = mem_zalloc(10 * limit);
    AUTO_BUF out = {0};
    struct slice text;
    struct slice fits = pack(slice_make(zeros, limit));
    struct slice over = pack(slice_make(zeros, limit + 1));
    struct slice bomb = pack(slice_make(zeros, 10 * limit));
    assert_int_equal(decode(encoding, fits, &out, &text), 200);
    assert_int_equal(text.len, limit);
    assert_int_equal(decode(encoding, over, &out, &text), 413);
    assert_int_equal(decode(encoding, bomb, &out, &text), 413);
    assert_true(out.len < 3 * limit);
    free((char *)fits.data);
    free((char *)over.data);
    free((char *)bomb.data);
    free(zeros);
}

TEST(the_limit_is_on_what_comes_out)
{
    assert_limited("gzip", gzipped);
    assert_limited("zstd", zstded);
    char *plain = mem_zalloc(limit + 1);
    AUTO_BUF out = {0};
    struct slice text;
    assert_int_equal(decode(NULL, slice_make(plain, limit), &out, &text), 200);
    assert_int_equal(decode(NULL, slice_make(plain, limit + 1), &out, &text), 413);
    free(plain);
}

static void assert_broken_when_cut(const char *encoding, struct slice packed)
{
    AUTO_BUF out = {0};
    struct slice text;
    for (size_t len = 0; len < packed.len; len++)
        assert_int_equal(decode(encoding, slice_make(packed.data, len), &out, &text), 400);
    free((char *)packed.data);
}

TEST(a_body_cut_anywhere_is_broken)
{
    struct slice text =
        slice_of("{\"service\":\"a\",\"action\":\"b\",\"message\":\"aaaaaaaaaaaa\"}");
    assert_broken_when_cut("gzip", gzipped(text));
    assert_broken_when_cut("zstd", zstded(text));
}

TEST(what_is_not_compressed_at_all_is_broken)
{
    AUTO_BUF out = {0};
    struct slice text;
    assert_int_equal(decode("gzip", slice_of("{\"service\":\"a\"}"), &out, &text), 400);
    assert_int_equal(decode("zstd", slice_of("{\"service\":\"a\"}"), &out, &text), 400);
    assert_int_equal(decode("br", slice_of("{}"), &out, &text), 415);
    assert_int_equal(decode("gzip, gzip", slice_of("{}"), &out, &text), 415);
}

static void assert_form(const char *form, const char *json)
{
    AUTO_BUF out = {0};
    struct slice text;
    struct refusal refusal;
    assert_true(body_form(slice_of(form), &out, &text, &refusal));
    assert_true(slice_is(text, json));
}

TEST(a_form_becomes_an_object_of_strings)
{
    assert_form("service=web&action=click+me&userId=%22%C3%A9%22",
                "{\"service\":\"web\",\"action\":\"click me\",\"userId\":\"\\\"\xC3\xA9\\\"\"}");
    assert_form("service", "{\"service\":\"\"}");
    assert_form("", "");
}

TEST(json_sent_as_a_form_is_left_alone)
{
    assert_form("{\"service\":\"100%25+1\"}", "{\"service\":\"100%25+1\"}");
    assert_form(" \n[1]", " \n[1]");
}

TEST(a_form_that_is_not_utf8_is_refused)
{
    AUTO_BUF out = {0};
    struct slice text;
    struct refusal refusal;
    assert_false(body_form(slice_of("service=%FF"), &out, &text, &refusal));
    assert_int_equal(refusal.status, 400);
    assert_false(body_form(slice_of("a=%C3&b=%A9"), &out, &text, &refusal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_comes_under_several_types_or_none),
        cmocka_unit_test(other_types_and_charsets_are_refused),
        cmocka_unit_test(compressed_bodies_come_out_as_they_went_in),
        cmocka_unit_test(members_in_a_row_are_one_body),
        cmocka_unit_test(the_limit_is_on_what_comes_out),
        cmocka_unit_test(a_body_cut_anywhere_is_broken),
        cmocka_unit_test(what_is_not_compressed_at_all_is_broken),
        cmocka_unit_test(a_form_becomes_an_object_of_strings),
        cmocka_unit_test(json_sent_as_a_form_is_left_alone),
        cmocka_unit_test(a_form_that_is_not_utf8_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
