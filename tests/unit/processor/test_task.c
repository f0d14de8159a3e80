/* SPDX-License-Identifier: MIT */
#include "processor/task.h"

#include "tests/unit/test.h"

#include "schemas/stats.h"

#include <stdio.h>

/* A sink that keeps the last of each, and how many there were. */
struct kept {
    int enriched, dead, stats, metas;
    char key[16], value[2048], tenant[80], traceparent[80], reason[64], detail[256],
        stats_value[2048];
    enum result enriched_result;
};

static void keep(char *out, size_t size, struct slice s)
{
    snprintf(out, size, "%.*s", SLICE_ARG(s));
}

static enum result on_enriched(void *ctx, const struct input *in, struct slice value,
                               struct slice tenant, struct slice traceparent, struct err *err)
{
    struct kept *k = ctx;

    if (k->enriched_result != OK)
        return err_set(err, k->enriched_result, "as told");
    k->enriched++;
    keep(k->key, sizeof k->key, in->key);
    keep(k->value, sizeof k->value, value);
    keep(k->tenant, sizeof k->tenant, tenant);
    keep(k->traceparent, sizeof k->traceparent, traceparent);
    return OK;
}

static enum result on_dead(void *ctx, const struct input *in, const struct rejection *why,
                           struct err *err)
{
    struct kept *k = ctx;

    (void)in;
    (void)err;
    k->dead++;
    keep(k->reason, sizeof k->reason, why->reason);
    keep(k->detail, sizeof k->detail, why->detail);
    return OK;
}

static enum result on_stats(void *ctx, int32_t partition, int64_t timestamp_ms, struct slice key,
                            struct slice value, struct err *err)
{
    struct kept *k = ctx;
    bool is_meta = key.len > 5 && memcmp(key.data, "meta|", 5) == 0;

    (void)err;
    assert_int_equal(partition, 4);
    assert_true(timestamp_ms > 0);
    if (is_meta)
        k->metas++;
    else
        k->stats++;
    keep(k->stats_value, sizeof k->stats_value, value);
    return OK;
}

struct fixture {
    struct geoip *geoip;
    struct redact *redact;
    struct toolbox tools;
    struct task *task;
    struct kept kept;
    struct sink sink;
    int64_t offset;
};

static int set_up(void **state)
{
    static const struct task_limits limits = {1000, 1000, 600000};
    struct fixture *f = calloc(1, sizeof *f);
    struct err err;

    geoip_new("", &f->geoip, &err);
    redact_new("", &f->redact, &err);
    f->tools = (struct toolbox){
        .geoip = f->geoip, .redact = f->redact, .topic = slice_of("activity-logs")};
    f->task = task_new(4, &limits);
    f->sink = (struct sink){&f->kept, on_enriched, on_dead, on_stats};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    task_free(f->task);
    toolbox_done(&f->tools);
    geoip_free(f->geoip);
    redact_free(f->redact);
    free(f);
    return 0;
}

static struct input input_of(struct fixture *f, const char *json)
{
    return (struct input){
        .key = slice_of("k"),
        .value = slice_of(json),
        .partition = 4,
        .offset = f->offset++,
        .append_ms = 1700000000000,
    };
}

static enum result process(struct fixture *f, const struct input *in)
{
    struct err err;

    return task_process(f->task, &f->tools, in, &f->sink, &err);
}

static void feed(struct fixture *f, const char *json)
{
    struct input in = input_of(f, json);

    assert_int_equal(process(f, &in), OK);
}

static bool said(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static void a_good_record_is_enriched_and_counted(void **state)
{
    struct fixture *f = *state;
    struct task_outcome outcome;
    struct err err;

    feed(f, "{\"id\":\"a1\",\"service\":\"auth\",\"action\":\"login\"}");
    assert_int_equal(f->kept.enriched, 1);
    assert_string_equal(f->kept.tenant, "default");
    assert_true(said(f->kept.value, "{\"_id\":\"a1\""));
    assert_true(said(f->kept.value, "\"src\":\"4:0:1700000000000\""));
    assert_true(said(f->kept.value, "\"source\":\"kafka\""));
    assert_int_equal(task_flush(f->task, &f->tools, &f->sink, &err), OK);
    assert_int_equal(f->kept.stats, 1);
    assert_int_equal(f->kept.metas, 1);
    assert_true(said(f->kept.stats_value, "\"processed\":1"));
    task_committed(f->task, &outcome);
    assert_int_equal(outcome.processed, 1);
    assert_int_equal(task_next_offset(f->task), 1);
    assert_false(task_has_work(f->task));
}

static void headers_beat_fields(void **state)
{
    struct fixture *f = *state;
    struct input in = input_of(
        f,
        "{\"id\":\"a1\",\"tenant\":\"mine\",\"source\":\"x\",\"service\":\"s\",\"action\":\"a\"}");

    in.id = slice_of("b2");
    in.tenant = slice_of("theirs");
    in.source = slice_of("http");
    in.traceparent = slice_of("00-aa-bb-01");
    assert_int_equal(process(f, &in), OK);
    assert_true(said(f->kept.value, "{\"_id\":\"theirs/b2\""));
    assert_true(said(f->kept.value, "\"source\":\"http\""));
    assert_string_equal(f->kept.tenant, "theirs");
    assert_string_equal(f->kept.traceparent, "00-aa-bb-01");
}

static void a_body_that_came_over_http_names_no_tenant(void **state)
{
    struct fixture *f = *state;
    struct input in = input_of(f, "{\"tenant\":\"mine\",\"service\":\"s\",\"action\":\"a\"}");

    in.id = slice_of("b2");
    in.source = slice_of("http");
    assert_int_equal(process(f, &in), OK);
    assert_string_equal(f->kept.tenant, "default");
}

static void a_direct_record_may_name_its_tenant(void **state)
{
    struct fixture *f = *state;

    feed(f, "{\"_id\":\"a1\",\"tenant\":\"t1\",\"service\":\"s\",\"action\":\"a\"}");
    assert_true(said(f->kept.value, "{\"_id\":\"t1/a1\""));
}

static void an_id_is_made_of_the_place_and_stays_the_same(void **state)
{
    struct fixture *f = *state;
    static const struct task_limits limits = {1000, 1000, 600000};
    struct input in = input_of(f, "{\"service\":\"s\",\"action\":\"a\"}");
    char first[2048];

    assert_int_equal(process(f, &in), OK);
    memcpy(first, f->kept.value, sizeof first);
    task_free(f->task);
    f->task = task_new(4, &limits);
    assert_int_equal(process(f, &in), OK);
    assert_string_equal(first, f->kept.value);
    in.offset++;
    assert_int_equal(process(f, &in), OK);
    assert_string_not_equal(first, f->kept.value);
}

static void a_retry_is_not_a_second_event(void **state)
{
    struct fixture *f = *state;
    struct task_outcome outcome;

    feed(f, "{\"id\":\"a1\",\"service\":\"s\",\"action\":\"a\"}");
    feed(f, "{ \"action\":\"a\", \"service\":\"s\", \"id\":\"a1\" }");
    assert_int_equal(f->kept.enriched, 1);
    assert_int_equal(f->kept.dead, 0);
    task_committed(f->task, &outcome);
    assert_int_equal(outcome.duplicates, 1);
}

static void one_id_with_two_contents_is_a_conflict(void **state)
{
    struct fixture *f = *state;

    feed(f, "{\"id\":\"a1\",\"service\":\"s\",\"action\":\"a\"}");
    feed(f, "{\"id\":\"a1\",\"service\":\"s\",\"action\":\"b\"}");
    assert_int_equal(f->kept.enriched, 1);
    assert_int_equal(f->kept.dead, 1);
    assert_string_equal(f->kept.reason, "id_conflict");
}

static void the_same_id_in_two_tenants_is_two_events(void **state)
{
    struct fixture *f = *state;

    feed(f, "{\"id\":\"a1\",\"tenant\":\"x\",\"service\":\"s\",\"action\":\"a\"}");
    feed(f, "{\"id\":\"a1\",\"tenant\":\"y\",\"service\":\"s\",\"action\":\"a\"}");
    assert_int_equal(f->kept.enriched, 2);
}

static void bad_records_are_dead_letters_with_their_reason(void **state)
{
    struct fixture *f = *state;
    struct task_outcome outcome;
    struct input in;

    feed(f, "garbage");
    assert_string_equal(f->kept.reason, "malformed_json");
    feed(f, "{\"service\":\"s\"}");
    assert_string_equal(f->kept.reason, "validation_error");
    assert_true(said(f->kept.detail, "\"action\" is required"));
    in = input_of(f, "");
    in.value.data = NULL;
    assert_int_equal(process(f, &in), OK);
    assert_string_equal(f->kept.reason, "malformed_json");
    in = input_of(f, "{\"service\":\"s\",\"action\":\"a\"}");
    in.tenant = slice_of("no tenant");
    assert_int_equal(process(f, &in), OK);
    assert_string_equal(f->kept.reason, "validation_error");
    task_committed(f->task, &outcome);
    assert_int_equal(outcome.malformed, 2);
    assert_int_equal(outcome.invalid, 2);
    assert_int_equal(task_next_offset(f->task), 4);
}

static void a_masked_record_has_no_key(void **state)
{
    struct fixture *f = *state;
    struct redact *redact;
    struct err err;

    assert_int_equal(redact_new("userId", &redact, &err), OK);
    f->tools.redact = redact;
    feed(f, "{\"id\":\"a1\",\"service\":\"s\",\"action\":\"a\"}");
    assert_string_equal(f->kept.key, "k");
    feed(f, "{\"id\":\"a2\",\"service\":\"s\",\"action\":\"a\",\"userId\":\"k\"}");
    assert_string_equal(f->kept.key, "");
    redact_free(redact);
}

static void what_kafka_refuses_becomes_a_dead_letter(void **state)
{
    struct fixture *f = *state;
    struct input in = input_of(f, "{\"id\":\"a1\",\"service\":\"s\",\"action\":\"a\"}");

    f->kept.enriched_result = REJECT;
    assert_int_equal(process(f, &in), OK);
    assert_string_equal(f->kept.reason, "too_large");
    f->kept.enriched_result = OK;
    in.refusal = REFUSED_ENRICHED;
    in.offset++;
    assert_int_equal(process(f, &in), OK);
    assert_int_equal(f->kept.dead, 2);
    assert_int_equal(f->kept.enriched, 0);
}

static void a_failing_sink_unwinds(void **state)
{
    struct fixture *f = *state;
    struct input in = input_of(f, "{\"id\":\"a1\",\"service\":\"s\",\"action\":\"a\"}");

    f->kept.enriched_result = RETRY;
    assert_int_equal(process(f, &in), RETRY);
    assert_int_equal(task_next_offset(f->task), -1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_good_record_is_enriched_and_counted),
        CASE(headers_beat_fields),
        CASE(a_body_that_came_over_http_names_no_tenant),
        CASE(a_direct_record_may_name_its_tenant),
        CASE(an_id_is_made_of_the_place_and_stays_the_same),
        CASE(a_retry_is_not_a_second_event),
        CASE(one_id_with_two_contents_is_a_conflict),
        CASE(the_same_id_in_two_tenants_is_two_events),
        CASE(bad_records_are_dead_letters_with_their_reason),
        CASE(a_masked_record_has_no_key),
        CASE(what_kafka_refuses_becomes_a_dead_letter),
        CASE(a_failing_sink_unwinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
