/* SPDX-License-Identifier: MIT */
#include "common/zone.h"

#include "common/buf.h"
#include "common/iso8601.h"
#include "common/zone_rule.h"
#include "tests/unit/test.h"

static int64_t at_s(const char *text)
{
    int64_t ms;
    assert_true(iso8601_parse(slice_of(text), &ms));
    return ms / 1000;
}

static void add_be(struct buf *out, int64_t n, size_t len)
{
    while (len-- > 0)
        buf_add_char(out, (char)((uint64_t)n >> (len * 8)));
}

static void add_header(struct buf *out, size_t changes, size_t types)
{
    const size_t counts[] = {0, 0, 0, changes, types, 4};

    buf_add_text(out, "TZif2");
    buf_add(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
    for (size_t i = 0; i < 6; i++)
        add_be(out, (int64_t)counts[i], 4);
}

static void add_type(struct buf *out, int64_t offset_s)
{
    add_be(out, offset_s, 4);
    buf_add(out, "\0\0", 2);
}

/* As zic makes it: an empty part for old readers, then `count` changes, to +2 h and +1 h in turns
 * from before, which is +30 min. */
static void make_file(struct buf *out, const char *const *changes, size_t count, const char *rule)
{
    add_header(out, 0, 1);
    add_type(out, 0);
    buf_add(out, "UTC", 4);
    add_header(out, count, 3);
    for (size_t i = 0; i < count; i++)
        add_be(out, at_s(changes[i]), 8);
    for (size_t i = 0; i < count; i++)
        buf_add_char(out, (char)(i % 2 ? 2 : 1));
    add_type(out, 1800);
    add_type(out, 7200);
    add_type(out, 3600);
    buf_add(out, "LMT", 4);
    buf_printf(out, "\n%s\n", rule);
}

static struct zone *made(const char *const *changes, size_t count, const char *rule)
{
    AUTO_BUF file = {0};
    struct zone *z = NULL;
    struct err err;

    make_file(&file, changes, count, rule);
    assert_int_equal(zone_parse(buf_slice(&file), &z, &err), OK);
    return z;
}

static struct zone *of_rule(const char *rule)
{
    return made(NULL, 0, rule);
}

static void assert_offset(const struct zone *z, const char *when, int64_t offset_s)
{
    assert_int_equal(zone_offset_s(z, at_s(when)), offset_s);
}

TEST(the_offset_is_that_of_the_last_change)
{
    static const char *const changes[] = {"1916-04-30T22:00Z", "1916-09-30T23:00Z"};
    AUTO(zone) z = made(changes, 2, "");

    assert_offset(z, "1900-01-01", 1800);
    assert_offset(z, "1916-04-30T21:59:59Z", 1800);
    assert_offset(z, "1916-04-30T22:00Z", 7200);
    assert_offset(z, "1916-09-30T22:59:59Z", 7200);
    assert_offset(z, "1916-09-30T23:00Z", 3600);
    assert_offset(z, "2500-01-01", 3600);
}

TEST(the_rule_goes_on_behind_the_last_change)
{
    static const char *const changes[] = {"1996-10-27T01:00Z"};
    AUTO(zone) z = made(changes, 1, "CET-1CEST,M3.5.0,M10.5.0/3");

    assert_offset(z, "1990-07-01", 1800);
    assert_offset(z, "2026-03-29T00:59:59Z", 3600);
    assert_offset(z, "2026-03-29T01:00Z", 7200);
    assert_offset(z, "2026-10-25T00:59:59Z", 7200);
    assert_offset(z, "2026-10-25T01:00Z", 3600);
    assert_offset(z, "2400-07-01", 7200);
    assert_offset(z, "2400-12-31T23:30Z", 3600);
}

TEST(rules_of_the_southern_half_span_the_new_year)
{
    AUTO(zone) z = of_rule("AEST-10AEDT,M10.1.0,M4.1.0/3");

    assert_offset(z, "2026-01-01", 39600);
    assert_offset(z, "2026-04-04T15:59:59Z", 39600);
    assert_offset(z, "2026-04-04T16:00Z", 36000);
    assert_offset(z, "2026-10-03T16:00Z", 39600);
}

TEST(rules_of_every_form_are_read)
{
    AUTO(zone) julian = of_rule("<-03>3<-02>,J60/0,J300/0"); /* March 1 in every year */
    AUTO(zone) plain = of_rule("AAA0BBB-0:30,59/-1,299/24:30");
    AUTO(zone) nepal = of_rule("<+0545>-5:45");
    AUTO(zone) west = of_rule("HST10");

    assert_offset(julian, "2024-03-01T02:59:59Z", -10800);
    assert_offset(julian, "2024-03-01T03:00Z", -7200);
    assert_offset(julian, "2025-03-01T03:00Z", -7200);
    assert_offset(plain, "2024-02-28T23:00Z", 1800);
    assert_offset(plain, "2024-02-28T22:59:59Z", 0);
    assert_offset(nepal, "2026-01-01", 20700);
    assert_offset(west, "2026-07-01", -36000);
}

TEST(texts_that_are_no_rule_are_refused)
{
    static const char *const bad[] = {"",
                                      "CE",
                                      "CET",
                                      "CET-",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.0.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,J0,J5",
                                      "CET-1CEST,366,1",
                                      "CET-168",
                                      "CET-1:60",
                                      "<CET-1",
                                      "CET-1 ",
                                      "CET-1CEST,M3.5.0,M10.5.0/",
                                      "CET-1CEST,M3.5.0,M10.5.0,",
                                      "CET-99999999999999999999"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct zone_rule rule;
        assert_false(zone_rule_parse(slice_of(bad[i]), &rule));
    }
}

static int64_t day_of(const char *date)
{
    return at_s(date) / 86400;
}

static void assert_day(const struct zone *z, const char *date, const char *start)
{
    assert_int_equal(zone_day_start_s(z, day_of(date)), at_s(start));
}

TEST(days_begin_at_local_midnight_across_changes)
{
    AUTO(zone) z = of_rule("CET-1CEST,M3.5.0,M10.5.0/3");

    assert_day(z, "2026-03-29", "2026-03-28T23:00Z");
    assert_day(z, "2026-03-30", "2026-03-29T22:00Z"); /* 23 hours */
    assert_day(z, "2026-10-25", "2026-10-24T22:00Z");
    assert_day(z, "2026-10-26", "2026-10-25T23:00Z"); /* 25 hours */
}

TEST(days_whose_midnight_is_skipped_or_comes_twice_begin_once)
{
    AUTO(zone) beirut = of_rule("EET-2EEST,M3.5.0/0,M10.5.0/0");

    assert_day(beirut, "2026-03-29", "2026-03-28T22:00Z"); /* 00:00 is 01:00 at once */
    assert_day(beirut, "2026-10-25", "2026-10-24T22:00Z"); /* 00:00 was 23:00 again */
    assert_day(beirut, "2026-10-24", "2026-10-23T21:00Z");
}

TEST(hours_begin_on_local_hours_and_at_changes)
{
    AUTO(zone) berlin = of_rule("CET-1CEST,M3.5.0,M10.5.0/3");
    AUTO(zone) india = of_rule("IST-5:30");
    AUTO(zone) lord_howe = of_rule("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");

    assert_int_equal(zone_next_hour_s(berlin, at_s("2026-03-29T00:00Z")),
                     at_s("2026-03-29T01:00Z"));
    assert_int_equal(zone_next_hour_s(india, at_s("2026-01-01T00:00Z")), at_s("2026-01-01T00:30Z"));
    assert_int_equal(zone_next_hour_s(india, at_s("2026-01-01T00:30Z")), at_s("2026-01-01T01:30Z"));
    assert_int_equal(zone_next_hour_s(india, at_s("1960-01-01T00:31Z")), at_s("1960-01-01T01:30Z"));
    /* 02:00 is 02:30 at once, so the next hour comes after half of one. */
    assert_int_equal(zone_next_hour_s(lord_howe, at_s("2026-10-03T14:30Z")),
                     at_s("2026-10-03T15:30Z"));
    assert_int_equal(zone_next_hour_s(lord_howe, at_s("2026-10-03T15:30Z")),
                     at_s("2026-10-03T16:00Z"));
}

TEST(every_cut_and_every_changed_byte_of_a_file_is_survived)
{
    static const char *const changes[] = {"1916-04-30T22:00Z", "1916-09-30T23:00Z"};
    AUTO_BUF file = {0};
    struct err err;

    make_file(&file, changes, 2, "CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t len = 0; len < file.len; len++) {
        AUTO_BUF copy = {0}; /* of exact size, for AddressSanitizer */
        struct zone *z = NULL;
        buf_add(&copy, file.data, len);
        assert_int_equal(zone_parse(buf_slice(&copy), &z, &err), REJECT);
    }
    for (size_t at = 0; at < file.len; at++) {
        char kept = file.data[at];
        struct zone *z = NULL;

        file.data[at] = (char)(kept ^ 0xff);
        if (zone_parse(buf_slice(&file), &z, &err) == OK)
            zone_offset_s(z, at_s("2026-07-01"));
        zone_free(z);
        file.data[at] = kept;
    }
}

TEST(names_that_could_lead_elsewhere_are_refused)
{
    static const char *const good[] = {
        "Europe/Berlin",         "UTC", "Etc/GMT+5", "EST5EDT", "America/Argentina/ComodRivadavia",
        "America/Port-au-Prince"};
    static const char *const bad[] = {
        "",          "/etc/passwd",    "../passwd",   "Europe/../UTC", "Europe/",
        "/UTC",      "Europe//Berlin", ".hidden",     "a.b",           "Europe/Berlin ",
        "tzdata.zi", "+05:00",         "Ünter/Berlin"};
    struct zone *z = NULL;
    struct err err;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(zone_name_valid(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(zone_name_valid(slice_of(bad[i])));
        assert_int_equal(zone_load(slice_of(bad[i]), &z, &err), REJECT);
    }
    assert_false(zone_name_valid(slice_make("UTC\0x", 5)));
    assert_int_equal(zone_load(slice_of("Europe"), &z, &err), REJECT); /* a folder */
    assert_int_equal(zone_load(slice_of("Mars/Olympus"), &z, &err), REJECT);
}

TEST(the_database_of_this_machine_is_read)
{
    struct zone *z = NULL;
    struct err err;

    assert_int_equal(zone_load(slice_of("Europe/Berlin"), &z, &err), OK);
    assert_offset(z, "1980-05-01", 7200);
    assert_offset(z, "2026-07-01", 7200);
    assert_offset(z, "2099-12-01", 3600);
    zone_free(z);
    assert_int_equal(zone_load(slice_of("Pacific/Apia"), &z, &err), OK);
    assert_day(z, "2011-12-31", "2011-12-30T10:00Z");
    assert_day(z, "2011-12-30", "2011-12-30T10:00Z"); /* which was left out */
    zone_free(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_offset_is_that_of_the_last_change),
        cmocka_unit_test(the_rule_goes_on_behind_the_last_change),
        cmocka_unit_test(rules_of_the_southern_half_span_the_new_year),
        cmocka_unit_test(rules_of_every_form_are_read),
        cmocka_unit_test(texts_that_are_no_rule_are_refused),
        cmocka_unit_test(days_begin_at_local_midnight_across_changes),
        cmocka_unit_test(days_whose_midnight_is_skipped_or_comes_twice_begin_once),
        cmocka_unit_test(hours_begin_on_local_hours_and_at_changes),
        cmocka_unit_test(every_cut_and_every_changed_byte_of_a_file_is_survived),
        cmocka_unit_test(names_that_could_lead_elsewhere_are_refused),
        cmocka_unit_test(the_database_of_this_machine_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
