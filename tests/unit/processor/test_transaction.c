/* SPDX-License-Identifier: MIT */
/* Against librdkafka's own mock cluster: what a real broker cannot be told to do. (The mock keeps
 * no offsets of a transaction: that they arrive is seen against the real one.) */
#include "processor/transaction.h"

#include "tests/unit/test.h"

#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>

/* Kafka's numbers of the requests that are made to fail. */
enum { PRODUCE = 0, INIT_PRODUCER_ID = 22, END_TXN = 26, TXN_OFFSET_COMMIT = 28 };

struct scene {
    rd_kafka_t *owner; /* of the mock cluster */
    rd_kafka_mock_cluster_t *cluster;
    struct settings *settings;
    struct metrics *metrics;
    rd_kafka_t *consumer;
};

static rd_kafka_t *make_consumer(const char *brokers)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, text, sizeof text);
    rd_kafka_conf_set(conf, "group.id", "t-processor", text, sizeof text);
    return rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
}

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    char text[256], brokers[256], topic[] = "KAFKA_TOPIC=t";
    char *env[] = {brokers, topic, NULL};
    struct err err;

    s->owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    s->cluster = rd_kafka_mock_cluster_new(s->owner, 1);
    snprintf(brokers, sizeof brokers, "KAFKA_BROKERS=%s",
             rd_kafka_mock_cluster_bootstraps(s->cluster));
    rd_kafka_mock_topic_create(s->cluster, "t", 1, 1);
    rd_kafka_mock_topic_create(s->cluster, "t-enriched", 1, 1);
    s->metrics = metrics_new();
    s->consumer = make_consumer(rd_kafka_mock_cluster_bootstraps(s->cluster));
    *state = s;
    return settings_new(PROCESSOR, env, &s->settings, &err) == OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    rd_kafka_destroy(s->consumer);
    settings_free(s->settings);
    metrics_free(s->metrics);
    rd_kafka_mock_cluster_destroy(s->cluster);
    rd_kafka_destroy(s->owner);
    free(s);
    return 0;
}

static void fail_once(const struct scene *s, int16_t request, rd_kafka_resp_err_t code)
{
    rd_kafka_mock_push_request_errors(s->cluster, request, 1, code);
}

static struct transaction *make(const struct scene *s)
{
    struct transaction *t = NULL;
    struct err err;

    assert_int_equal(transaction_new(s->settings, s->metrics, &t, &err), OK);
    return t;
}

/* One record of raw offset 7, and the offset behind it. */
static enum result run_one(const struct scene *s, struct transaction *t, struct err *err)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
    const struct outgoing out = {
        .topic = TOPIC_ENRICHED,
        .key = slice_of("key"),
        .value = slice_of("value"),
        .from_offset = 7,
    };
    enum result result;

    assert_int_equal(transaction_begin(t, err), OK);
    assert_int_equal(transaction_send(t, &out, err), OK);
    rd_kafka_topic_partition_list_add(offsets, "t", 0)->offset = 8;
    result = transaction_commit(t, s->consumer, offsets, err);
    rd_kafka_topic_partition_list_destroy(offsets);
    return result;
}

/* The one way out: this producer is given up, and the next one works. */
static void expect_failure_then_success(const struct scene *s)
{
    struct transaction *broken = make(s);
    struct err err;

    assert_int_equal(run_one(s, broken, &err), RETRY);
    assert_true(transaction_is_open(broken));
    transaction_free(broken);

    AUTO(transaction) next = make(s);
    assert_int_equal(run_one(s, next, &err), OK);
}

TEST(a_committed_transaction_is_closed_and_the_next_may_begin)
{
    const struct scene *s = *state;
    AUTO(transaction) t = make(s);
    struct err err;

    assert_int_equal(run_one(s, t, &err), OK);
    assert_false(transaction_is_open(t));
    assert_int_equal(run_one(s, t, &err), OK);
}

TEST(a_coordinator_that_is_not_there_yet_is_waited_for)
{
    const struct scene *s = *state;

    fail_once(s, INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    AUTO(transaction) t = make(s);
    struct err err;

    fail_once(s, TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    fail_once(s, END_TXN, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
    fail_once(s, END_TXN, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS);
    assert_int_equal(run_one(s, t, &err), OK);
}

TEST(a_producer_that_is_fenced_at_the_commit_is_given_up)
{
    fail_once(*state, END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    expect_failure_then_success(*state);
}

TEST(a_producer_of_an_old_epoch_is_given_up)
{
    fail_once(*state, END_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
    expect_failure_then_success(*state);
}

TEST(a_commit_in_a_state_that_kafka_does_not_know_is_given_up)
{
    fail_once(*state, END_TXN, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE);
    expect_failure_then_success(*state);
}

TEST(a_member_that_the_group_has_thrown_out_commits_nothing)
{
    fail_once(*state, TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
    expect_failure_then_success(*state);
}

TEST(a_member_whose_name_another_has_taken_commits_nothing)
{
    fail_once(*state, TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID);
    expect_failure_then_success(*state);
}

TEST(a_zombie_that_produces_is_given_up)
{
    fail_once(*state, PRODUCE, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
    expect_failure_then_success(*state);
}

TEST(an_output_that_kafka_refuses_for_its_size_is_named_by_its_origin)
{
    const struct scene *s = *state;
    AUTO(transaction) t = make(s);
    struct refused_output refused;
    struct err err;

    fail_once(s, PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    assert_int_equal(run_one(s, t, &err), RETRY);
    assert_true(transaction_refused(t, 0, &refused));
    assert_int_equal(refused.partition, 0);
    assert_int_equal(refused.offset, 7);
    assert_false(refused.dead_letter);
    assert_false(transaction_refused(t, 1, &refused));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_committed_transaction_is_closed_and_the_next_may_begin,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_coordinator_that_is_not_there_yet_is_waited_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_producer_that_is_fenced_at_the_commit_is_given_up, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_producer_of_an_old_epoch_is_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_commit_in_a_state_that_kafka_does_not_know_is_given_up,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_that_the_group_has_thrown_out_commits_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_whose_name_another_has_taken_commits_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_zombie_that_produces_is_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_output_that_kafka_refuses_for_its_size_is_named_by_its_origin, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
