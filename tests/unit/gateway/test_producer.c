/* SPDX-License-Identifier: MIT */
/* Against librdkafka's own mock cluster, for what a real broker cannot be told to do. The source is
 * included to reach the Kafka handle. */
#include "gateway/producer.c" /* NOLINT(bugprone-suspicious-include) */

#include "tests/unit/test.h"

#include <assert.h>

#include <librdkafka/rdkafka_mock.h>

struct seen {
    size_t stored, failed, broken;
    char error[128];
};

static struct seen seen; /* reset by make() */

static void on_reported(void *opaque, const char *error)
{
    struct seen *s = opaque;
    if (!error)
        s->stored++;
    else
        s->failed++;
    snprintf(s->error, sizeof s->error, "%s", error ? error : "");
}

static void on_broken(void *ctx, const char *error)
{
    struct seen *s = ctx;
    s->broken++;
    snprintf(s->error, sizeof s->error, "%s", error);
}

/* A producer on a mock cluster of one broker; one more setting may be given. */
static struct producer *make(char *setting)
{
    char mock[] = "KAFKA_PROPERTY_test_mock_num_brokers=1", wait[] = "ACK_TIMEOUT_MS=1000";
    char topic[] = "KAFKA_TOPIC=t";
    char *env[] = {mock, wait, topic, setting, NULL};
    AUTO(settings) settings = NULL;
    struct producer *p = NULL;
    struct err err;
    assert_int_equal(settings_new(GATEWAY, env, &settings, &err), OK);
    struct producer_events events = {on_reported, on_broken, &seen};
    seen = (struct seen){0};
    assert_int_equal(producer_new(settings, &events, &p, &err), OK);
    assert(p);
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(p->kafka), "t", 3, 1);
    return p;
}

static enum result send_one(struct producer *p, struct err *err)
{
    struct producer_header headers[] = {{"als.id", slice_of("1")}, {"als.tenant", slice_of("t")}};
    struct producer_record record = {slice_of("key"), slice_of("{}"), headers, 2};
    return producer_send(p, &record, &seen, err);
}

TEST(each_record_is_reported_once_when_stored)
{
    AUTO(producer) p = make(NULL);
    struct err err;
    for (int i = 0; i < 100; i++)
        assert_int_equal(send_one(p, &err), OK);
    assert_int_equal(producer_pending(p), 100);
    assert_true(producer_flush(p, 30000));
    assert_int_equal(seen.stored, 100);
    assert_int_equal(seen.failed, 0);
    assert_int_equal(producer_pending(p), 0);
}

TEST(the_descriptor_wakes_when_reports_have_come)
{
    AUTO(producer) p = make(NULL);
    struct err err;
    assert_int_equal(send_one(p, &err), OK);
    for (int64_t end = clock_mono_ms() + 30000; seen.stored == 0 && clock_mono_ms() < end;) {
        uint64_t wakes;
        while (read(producer_fd(p), &wakes, sizeof wakes) < 0 && clock_mono_ms() < end)
            clock_sleep_ms(1);
        producer_poll(p);
    }
    assert_int_equal(seen.stored, 1);
}

TEST(a_record_that_kafka_refuses_is_reported_as_failed)
{
    AUTO(producer) p = make(NULL);
    struct err err;
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(p->kafka), 0 /* Produce */, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(send_one(p, &err), OK);
    assert_true(producer_flush(p, 30000));
    assert_int_equal(seen.stored, 0);
    assert_int_equal(seen.failed, 1);
    assert_true(strlen(seen.error) > 0);
}

TEST(a_full_queue_says_so_and_recovers)
{
    char small[] = "KAFKA_PROPERTY_queue_buffering_max_messages=5";
    AUTO(producer) p = make(small);
    struct err err;
    size_t taken = 0;
    enum result result;
    while ((result = send_one(p, &err)) == OK)
        taken++;
    assert_int_equal(result, RETRY);
    assert_int_equal(taken, 5);
    assert_true(producer_flush(p, 30000));
    assert_int_equal(seen.stored, 5);
    assert_int_equal(send_one(p, &err), OK);
}

TEST(what_is_pending_at_the_end_is_reported_too)
{
    struct producer *p = make(NULL);
    struct err err;
    rd_kafka_mock_broker_set_down(rd_kafka_handle_mock_cluster(p->kafka), 1);
    for (int i = 0; i < 10; i++)
        assert_int_equal(send_one(p, &err), OK);
    producer_free(p);
    assert_int_equal(seen.stored + seen.failed, 10);
}

TEST(a_broken_producer_says_so_once_and_takes_no_more)
{
    AUTO(producer) p = make(NULL);
    struct err err;
    rd_kafka_test_fatal_error(p->kafka, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "a test");
    for (int64_t end = clock_mono_ms() + 30000; seen.broken == 0 && clock_mono_ms() < end;)
        poll_for(p, 10);
    poll_for(p, 10);
    assert_int_equal(seen.broken, 1);
    assert_non_null(strstr(seen.error, "a test"));
    assert_int_equal(send_one(p, &err), FATAL);
}

TEST(the_probe_tells_a_topic_that_is_there_from_a_cluster_that_is_not)
{
    AUTO(producer) p = make(NULL);
    struct err err;
    assert_int_equal(producer_probe(p, 30000, &err), OK);
    rd_kafka_mock_broker_set_down(rd_kafka_handle_mock_cluster(p->kafka), 1);
    assert_int_equal(producer_probe(p, 100, &err), RETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_record_is_reported_once_when_stored),
        cmocka_unit_test(the_descriptor_wakes_when_reports_have_come),
        cmocka_unit_test(a_record_that_kafka_refuses_is_reported_as_failed),
        cmocka_unit_test(a_full_queue_says_so_and_recovers),
        cmocka_unit_test(what_is_pending_at_the_end_is_reported_too),
        cmocka_unit_test(a_broken_producer_says_so_once_and_takes_no_more),
        cmocka_unit_test(the_probe_tells_a_topic_that_is_there_from_a_cluster_that_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
