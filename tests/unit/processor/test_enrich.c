/* SPDX-License-Identifier: MIT */
#include "processor/enrich.h"

#include "tests/unit/test.h"

#include "tests/unit/processor/record_of.h"

enum { NOW = 1000000000 };

struct fixture {
    struct geoip *geoip;
    struct redact *redact;
    struct record record;
    struct envelope envelope;
    struct enrichment found;
};

static void run(struct fixture *f, const char *json, const char *redact)
{
    struct err err;

    *f = (struct fixture){.envelope.append_ms = NOW};
    assert_int_equal(geoip_new("", &f->geoip, &err), OK);
    assert_int_equal(redact_new(redact, &f->redact, &err), OK);
    record_of(&f->record, json);
    enrich(&f->record, f->geoip, f->redact, &f->envelope, &f->found);
}

static void done(struct fixture *f)
{
    geoip_free(f->geoip);
    redact_free(f->redact);
    record_done(&f->record);
}

TEST(without_a_timestamp_the_receive_time_counts)
{
    struct fixture f;

    run(&f, "{\"service\":\"s\",\"action\":\"a\"}", "");
    assert_int_equal(f.envelope.timestamp_ms, NOW);
    assert_false(f.found.has_clock_skew);
    assert_int_equal(f.found.flag_count, 0);
    done(&f);
}

TEST(a_clients_timestamp_counts_and_its_skew_is_kept)
{
    struct fixture f;

    run(&f, "{\"service\":\"s\",\"action\":\"a\",\"timestamp\":\"1970-01-12T13:00:00Z\"}", "");
    assert_int_equal(f.envelope.timestamp_ms, 997200000);
    assert_true(f.found.has_clock_skew);
    assert_int_equal(f.found.clock_skew_ms, NOW - 997200000);
    done(&f);
}

TEST(a_day_ahead_is_believed_and_more_is_not)
{
    struct fixture f;

    /* NOW is 1970-01-12T13:46:40Z */
    run(&f, "{\"service\":\"s\",\"action\":\"a\",\"timestamp\":\"1970-01-13T13:46:40Z\"}", "");
    assert_int_equal(f.envelope.timestamp_ms, NOW + ENRICH_AHEAD_MS);
    assert_int_equal(f.found.flag_count, 0);
    done(&f);
    run(&f, "{\"service\":\"s\",\"action\":\"a\",\"timestamp\":\"1970-01-13T13:46:40.001Z\"}", "");
    assert_int_equal(f.envelope.timestamp_ms, NOW);
    assert_int_equal(f.found.flag_count, 1);
    assert_string_equal(f.found.flags[0], "future");
    assert_int_equal(f.found.clock_skew_ms, -ENRICH_AHEAD_MS - 1);
    done(&f);
}

TEST(address_agent_and_action_are_read)
{
    struct fixture f;

    run(&f,
        "{\"service\":\"s\",\"action\":\"user.login\",\"ip\":\"10.0.0.1\","
        "\"userAgent\":\"curl/8\"}",
        "");
    assert_string_equal(f.found.ip_class, "private");
    assert_int_equal(f.found.ip_version, 4);
    assert_true(f.found.has_user_agent);
    assert_true(slice_is(f.found.browser, "curl"));
    assert_true(slice_is(f.found.verb, "login"));
    assert_true(slice_is(f.found.object, "user"));
    done(&f);
}

TEST(a_masked_address_is_still_classed)
{
    struct fixture f;

    run(&f, "{\"service\":\"s\",\"action\":\"a\",\"ip\":\"127.0.0.1\"}", "ip");
    assert_string_equal(f.found.ip_class, "loopback");
    assert_true(slice_is(f.record.ip, "***"));
    assert_string_equal(f.found.flags[0], "masked");
    done(&f);
}

TEST(an_address_that_is_none_is_left_alone)
{
    struct fixture f;

    run(&f, "{\"service\":\"s\",\"action\":\"a\",\"ip\":\"unknown\"}", "");
    assert_null(f.found.ip_class);
    assert_int_equal(f.found.ip_version, 0);
    assert_true(slice_is(f.record.ip, "unknown"));
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_timestamp_the_receive_time_counts),
        cmocka_unit_test(a_clients_timestamp_counts_and_its_skew_is_kept),
        cmocka_unit_test(a_day_ahead_is_believed_and_more_is_not),
        cmocka_unit_test(address_agent_and_action_are_read),
        cmocka_unit_test(a_masked_address_is_still_classed),
        cmocka_unit_test(an_address_that_is_none_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
