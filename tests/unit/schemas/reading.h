/* SPDX-License-Identifier: MIT */
/* reading.h - a record's verdict as text, one `field: message` a line. */
#pragma once

#include "common/mem.h"
#include "schemas/record.h"
#include "tests/unit/test.h"

#include <stdio.h>

struct reading_result {
    struct record record;
    struct buf text;
    size_t faults;
    char *json; /* what the record's views point into */
};

/* printf into memory that the caller frees. */
static inline __attribute__((format(printf, 1, 2))) char *text_of(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    assert_true(len >= 0);
    return text;
}

static inline struct reading_result read_record(const char *json, const struct record_rules *rules)
{
    struct reading_result result = {.json = mem_dup(json, strlen(json))};
    struct slice bytes = slice_make(result.json, strlen(json));
    struct faults faults = {0};
    struct err err;
    if (json_check(bytes, RECORD_MAX_DEPTH, &err) != OK)
        fail_msg("not JSON, %s: %s", err.text, json);
    enum result verdict = record_read(&result.record, json_root(bytes), rules, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        buf_add_slice(&result.text, fault_field(&faults, i));
        buf_add_text(&result.text, ": ");
        buf_add_slice(&result.text, fault_message(&faults, i));
        buf_add_char(&result.text, '\n');
    }
    result.faults = faults.count;
    assert_int_equal(verdict, faults.count ? REJECT : OK);
    faults_done(&faults);
    return result;
}

static inline void reading_result_done(struct reading_result *result)
{
    record_done(&result->record);
    buf_done(&result->text);
    free(result->json);
}

static inline void assert_verdict(const char *json, const struct record_rules *rules,
                                  const char *wanted)
{
    struct reading_result result = read_record(json, rules);
    assert_string_equal(buf_text(&result.text), wanted);
    reading_result_done(&result);
}
