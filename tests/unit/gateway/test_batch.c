/* SPDX-License-Identifier: MIT */
#include "gateway/batch.h"

#include "common/ident.h"
#include "tests/unit/test.h"

#include <stdio.h>

#define GOOD "{\"service\":\"s\",\"action\":\"a\"}"

static const struct batch_rules plain = {
    .format = BODY_JSON, .max_count = 3, .tenant = {"default", 7}, .now_ms = 1763805600000};

/* What one reading gave; `batch` is released at the end of each test. */
struct tried {
    struct batch batch;
    struct refusal refusal;
    bool good;
};

static struct tried read_with(const struct batch_rules *rules, const char *text)
{
    struct tried o = {0};
    o.good = batch_read(&o.batch, slice_of(text), rules, &o.refusal);
    return o;
}

static void assert_fault(const struct tried *o, size_t i, const char *field, const char *message)
{
    assert_true(i < o->batch.faults.count);
    assert_true(slice_is(fault_field(&o->batch.faults, i), field));
    assert_true(slice_is(fault_message(&o->batch.faults, i), message));
}

TEST(one_object_is_sent_byte_for_byte)
{
    const char *text = " {\"service\" : \"s\",\"action\":\"a\"}\n";
    struct tried o = read_with(&plain, text);
    assert_true(o.good);
    assert_false(o.batch.many);
    assert_int_equal(o.batch.count, 1);
    assert_int_equal(o.batch.received, 1);
    assert_true(slice_is(o.batch.items[0].json, text));
    assert_int_equal(batch_id(&o.batch, 0).len, UUID_LEN);
    assert_int_equal(batch_id(&o.batch, 0).data[14], '7');
    assert_true(slice_is(batch_key(&o.batch, 0), "s"));
    batch_done(&o.batch);
}

TEST(elements_keep_their_own_bytes_ids_and_keys)
{
    struct tried o =
        read_with(&plain, "[ {\"service\":\"s\", \"action\":\"a\",\"id\":\"x:1\"} ,"
                          "{\"service\":\"s\",\"action\":\"a\",\"userId\":\"\\u0075\"}]");
    assert_true(o.good);
    assert_true(o.batch.many);
    assert_int_equal(o.batch.count, 2);
    assert_true(
        slice_is(o.batch.items[0].json, "{\"service\":\"s\", \"action\":\"a\",\"id\":\"x:1\"}"));
    assert_true(slice_is(batch_id(&o.batch, 0), "x:1"));
    assert_true(slice_is(batch_key(&o.batch, 0), "s"));
    assert_true(slice_is(batch_key(&o.batch, 1), "u"));
    batch_done(&o.batch);
}

TEST(lines_are_records_and_blank_ones_are_not)
{
    struct batch_rules rules = plain;
    rules.format = BODY_NDJSON;
    struct tried o = read_with(&rules, GOOD "\r\n\n  \n" GOOD);
    assert_true(o.good);
    assert_true(o.batch.many);
    assert_int_equal(o.batch.count, 2);
    assert_int_equal(o.batch.received, 2);
    batch_done(&o.batch);
}

TEST(an_idempotency_key_makes_the_same_ids_each_time)
{
    struct batch_rules rules = plain;
    rules.idempotency_key = slice_of("k");
    struct tried a = read_with(&rules, "[" GOOD "," GOOD "]");
    struct tried b = read_with(&rules, "[" GOOD "," GOOD "]");
    rules.tenant = slice_of("other");
    struct tried c = read_with(&rules, GOOD);
    assert_true(a.good && b.good && c.good);
    assert_true(slice_eq(batch_id(&a.batch, 0), batch_id(&b.batch, 0)));
    assert_true(slice_eq(batch_id(&a.batch, 1), batch_id(&b.batch, 1)));
    assert_false(slice_eq(batch_id(&a.batch, 0), batch_id(&a.batch, 1)));
    assert_false(slice_eq(batch_id(&a.batch, 0), batch_id(&c.batch, 0)));
    batch_done(&a.batch);
    batch_done(&b.batch);
    batch_done(&c.batch);
}

TEST(a_record_s_own_id_beats_the_idempotency_key)
{
    struct batch_rules rules = plain;
    rules.idempotency_key = slice_of("k");
    struct tried o = read_with(&rules, "{\"service\":\"s\",\"action\":\"a\",\"id\":\"mine\"}");
    assert_true(slice_is(batch_id(&o.batch, 0), "mine"));
    batch_done(&o.batch);
}

TEST(an_idempotency_key_has_a_length)
{
    char key[257];
    memset(key, 'k', sizeof key);
    struct batch_rules rules = plain;
    rules.idempotency_key = slice_make(key, 256);
    struct tried long_one = read_with(&rules, GOOD);
    assert_false(long_one.good);
    assert_fault(&long_one, 0, "Idempotency-Key",
                 "\"Idempotency-Key\" length must be less than or equal to 255 characters long");
    rules.idempotency_key = slice_of("");
    struct tried empty = read_with(&rules, GOOD);
    assert_false(empty.good);
    batch_done(&long_one.batch);
    batch_done(&empty.batch);
}

TEST(one_bad_record_refuses_all_and_every_fault_is_told)
{
    struct tried o = read_with(&plain, "[{\"action\":\"a\"}," GOOD ",5]");
    assert_false(o.good);
    assert_int_equal(o.refusal.status, 400);
    assert_string_equal(o.refusal.code, "validation_error");
    assert_int_equal(o.batch.received, 3);
    assert_int_equal(o.batch.faults.count, 2);
    assert_fault(&o, 0, "0.service", "\"[0].service\" is required");
    assert_fault(&o, 1, "2", "\"[2]\" must be of type object");
    batch_done(&o.batch);
}

TEST(the_length_of_a_batch_is_judged_last)
{
    struct tried o = read_with(&plain, "[" GOOD ",{}," GOOD "," GOOD "]");
    assert_false(o.good);
    assert_int_equal(o.batch.faults.count, 3);
    assert_fault(&o, 0, "1.service", "\"[1].service\" is required");
    assert_fault(&o, 2, "", "\"value\" must contain less than or equal to 3 items");
    struct tried empty = read_with(&plain, "[]");
    assert_fault(&empty, 0, "", "\"value\" must contain at least 1 items");
    batch_done(&o.batch);
    batch_done(&empty.batch);
}

TEST(a_batch_of_nothing_but_faults_still_tells_its_length)
{
    AUTO_BUF text = {0};
    buf_add_char(&text, '[');
    for (int i = 0; i < 20000; i++)
        buf_add_text(&text, i ? ",1" : "1");
    buf_add_char(&text, ']');
    struct batch_rules rules = plain;
    rules.max_count = 10000;
    struct tried o = read_with(&rules, buf_text(&text));
    assert_false(o.good);
    assert_int_equal(o.batch.received, 20000);
    assert_fault(&o, o.batch.faults.count - 1, "",
                 "\"value\" must contain less than or equal to 10000 items");
    batch_done(&o.batch);
}

TEST(partial_keeps_the_good_and_tells_of_the_bad)
{
    struct batch_rules rules = plain;
    rules.partial = true;
    struct tried o = read_with(&rules, "[" GOOD ",{\"action\":\"a\"}," GOOD "]");
    assert_true(o.good);
    assert_int_equal(o.batch.count, 2);
    assert_int_equal(o.batch.rejected, 1);
    assert_true(slice_is(buf_slice(&o.batch.results),
                         "{\"index\":1,\"status\":\"rejected\",\"details\":[{\"field\":"
                         "\"1.service\",\"message\":\"\\\"[1].service\\\" is required\"}]}"));
    batch_done(&o.batch);
}

TEST(partial_takes_a_line_that_is_no_json_for_one_bad_record)
{
    struct batch_rules rules = plain;
    rules.partial = true;
    rules.format = BODY_NDJSON;
    struct tried o = read_with(&rules, GOOD "\n{x}\n" GOOD "\n");
    assert_true(o.good);
    assert_int_equal(o.batch.count, 2);
    assert_int_equal(o.batch.rejected, 1);
    rules.partial = false;
    struct tried whole = read_with(&rules, GOOD "\n{x}\n" GOOD "\n");
    assert_false(whole.good);
    assert_string_equal(whole.refusal.code, "malformed_json");
    batch_done(&o.batch);
    batch_done(&whole.batch);
}

TEST(partial_with_nothing_good_is_an_ordinary_refusal)
{
    struct batch_rules rules = plain;
    rules.partial = true;
    struct tried o = read_with(&rules, "[{},5]");
    assert_false(o.good);
    assert_string_equal(o.refusal.code, "validation_error");
    assert_int_equal(o.batch.faults.count, 3);
    assert_int_equal(o.batch.received, 2);
    batch_done(&o.batch);
}

TEST(an_object_is_no_array_where_one_is_wanted)
{
    struct batch_rules rules = plain;
    rules.must_be_array = true;
    struct tried o = read_with(&rules, GOOD);
    assert_false(o.good);
    assert_fault(&o, 0, "", "\"value\" must be an array");
    batch_done(&o.batch);
}

TEST(strict_refuses_unknown_fields)
{
    struct batch_rules rules = plain;
    const char *text = "{\"service\":\"s\",\"action\":\"a\",\"colour\":1}";
    struct tried lax = read_with(&rules, text);
    rules.strict = true;
    struct tried strict = read_with(&rules, text);
    assert_true(lax.good);
    assert_false(strict.good);
    batch_done(&lax.batch);
    batch_done(&strict.batch);
}

TEST(a_body_of_nothing_is_an_object_of_nothing)
{
    struct tried o = read_with(&plain, " \n");
    assert_false(o.good);
    assert_fault(&o, 0, "service", "\"service\" is required");
    assert_fault(&o, 1, "action", "\"action\" is required");
    batch_done(&o.batch);
}

static const char *code_of(const char *text)
{
    struct tried o = read_with(&plain, text);
    assert_false(o.good);
    batch_done(&o.batch);
    return o.refusal.code;
}

TEST(what_is_no_json_is_malformed)
{
    assert_string_equal(code_of("{"), "malformed_json");
    assert_string_equal(code_of(GOOD "x"), "malformed_json");
    assert_string_equal(code_of("\"\xFF\""), "malformed_json");
    assert_string_equal(code_of("5"), "validation_error");
    assert_string_equal(code_of("null"), "validation_error");
}

/* `depth` arrays inside a member of a record. */
static const char *code_of_depth(unsigned depth, bool in_array)
{
    AUTO_BUF text = {0};
    buf_add_text(&text, in_array ? "[" : "");
    buf_add_text(&text, "{\"service\":\"s\",\"x\":");
    for (unsigned i = 0; i < depth; i++)
        buf_add_char(&text, '[');
    for (unsigned i = 0; i < depth; i++)
        buf_add_char(&text, ']');
    buf_add_text(&text, in_array ? "}]" : "}");
    return code_of(buf_text(&text));
}

TEST(a_record_may_be_as_deep_in_a_batch_as_alone)
{
    assert_string_equal(code_of_depth(31, false), "validation_error");
    assert_string_equal(code_of_depth(32, false), "malformed_json");
    assert_string_equal(code_of_depth(31, true), "validation_error");
    assert_string_equal(code_of_depth(32, true), "malformed_json");
}

static char *record_of(size_t bytes)
{
    AUTO_BUF text = {0};
    buf_add_text(&text, "{\"service\":\"s\",\"action\":\"a\",\"x\":\"");
    while (text.len < bytes - 2)
        buf_add_char(&text, 'y');
    buf_add_text(&text, "\"}");
    return strdup(buf_text(&text));
}

TEST(a_record_has_a_size)
{
    char *fits = record_of(RECORD_MAX_BYTES), *over = record_of(RECORD_MAX_BYTES + 1);
    struct tried a = read_with(&plain, fits), b = read_with(&plain, over);
    assert_true(a.good);
    assert_false(b.good);
    assert_int_equal(b.refusal.status, 413);

    AUTO_BUF many = {0};
    buf_printf(&many, "[%s,%s]", fits, over);
    struct batch_rules rules = plain;
    struct tried whole = read_with(&rules, buf_text(&many));
    rules.partial = true;
    struct tried partial = read_with(&rules, buf_text(&many));
    assert_false(whole.good);
    assert_int_equal(whole.refusal.status, 413);
    assert_true(partial.good);
    assert_int_equal(partial.batch.count, 1);
    assert_int_equal(partial.batch.rejected, 1);
    batch_done(&a.batch);
    batch_done(&b.batch);
    batch_done(&whole.batch);
    batch_done(&partial.batch);
    free(fits);
    free(over);
}

TEST(a_batch_is_read_afresh_each_time)
{
    struct batch batch = {0};
    struct refusal refusal;
    assert_false(batch_read(&batch, slice_of("[{},{}]"), &plain, &refusal));
    assert_true(batch_read(&batch, slice_of(GOOD), &plain, &refusal));
    assert_int_equal(batch.count, 1);
    assert_int_equal(batch.received, 1);
    assert_int_equal(batch.rejected, 0);
    assert_int_equal(batch.faults.count, 0);
    assert_false(batch.many);
    batch_done(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_object_is_sent_byte_for_byte),
        cmocka_unit_test(elements_keep_their_own_bytes_ids_and_keys),
        cmocka_unit_test(lines_are_records_and_blank_ones_are_not),
        cmocka_unit_test(an_idempotency_key_makes_the_same_ids_each_time),
        cmocka_unit_test(a_record_s_own_id_beats_the_idempotency_key),
        cmocka_unit_test(an_idempotency_key_has_a_length),
        cmocka_unit_test(one_bad_record_refuses_all_and_every_fault_is_told),
        cmocka_unit_test(the_length_of_a_batch_is_judged_last),
        cmocka_unit_test(a_batch_of_nothing_but_faults_still_tells_its_length),
        cmocka_unit_test(partial_keeps_the_good_and_tells_of_the_bad),
        cmocka_unit_test(partial_takes_a_line_that_is_no_json_for_one_bad_record),
        cmocka_unit_test(partial_with_nothing_good_is_an_ordinary_refusal),
        cmocka_unit_test(an_object_is_no_array_where_one_is_wanted),
        cmocka_unit_test(strict_refuses_unknown_fields),
        cmocka_unit_test(a_body_of_nothing_is_an_object_of_nothing),
        cmocka_unit_test(what_is_no_json_is_malformed),
        cmocka_unit_test(a_record_may_be_as_deep_in_a_batch_as_alone),
        cmocka_unit_test(a_record_has_a_size),
        cmocka_unit_test(a_batch_is_read_afresh_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
