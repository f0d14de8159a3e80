/* SPDX-License-Identifier: MIT */
/* The worker while neither the store nor Kafka is there: nothing listens on port 1. */
#include "tests/unit/test.h"

#include "indexer/worker.h"

struct rig {
    struct settings *settings;
    struct health *health;
    struct metrics *metrics;
    struct meters meters;
    struct worker *worker;
};

static void rig_init(struct rig *r)
{
    char uri[] = "MONGO_URI=mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100";
    char brokers[] = "KAFKA_BROKERS=127.0.0.1:1";
    char *env[] = {uri, brokers, NULL};
    struct err err;

    assert_int_equal(settings_new(INDEXER, env, &r->settings, &err), OK);
    r->health = health_new("test");
    r->metrics = metrics_new();
    meters_init(&r->meters, r->metrics);
    assert_int_equal(worker_new(r->settings, r->health, &r->meters, &r->worker, &err), OK);
}

static void rig_done(struct rig *r)
{
    worker_free(r->worker);
    metrics_free(r->metrics);
    health_free(r->health);
    settings_free(r->settings);
}

static void give_a_document(struct rig *r)
{
    struct batch *b = batch_new();
    rd_kafka_message_t *message = NULL;
    bson_t *doc = BCON_NEW("_id", "a");

    batch_add_document(b, (struct position){STREAM_LOGS, 0, 7}, &doc, &message);
    worker_give(r->worker, &b);
    assert_null(b);
}

TEST(it_keeps_trying_until_the_batch_is_given_up)
{
    struct rig r;
    struct batch *b = NULL;
    struct err err;

    rig_init(&r);
    assert_true(worker_idle(r.worker));
    give_a_document(&r);
    assert_false(worker_idle(r.worker));
    while (metric_count(r.meters.retries) < 3)
        assert_int_equal(worker_take(r.worker, 20, &b, &err), RETRY);
    worker_give_up(r.worker);
    assert_int_equal(worker_take(r.worker, 60000, &b, &err), REJECT);
    assert_non_null(b);
    assert_int_equal(b->entries[0].fate, FATE_OPEN);
    assert_int_equal(metric_count(r.meters.received), 0);
    assert_true(worker_idle(r.worker));
    assert_false(health_ready(r.health));
    batch_free(b);
    rig_done(&r);
}

TEST(a_batch_given_after_one_that_was_given_up_is_tried_anew)
{
    struct rig r;
    struct batch *b = NULL;
    struct err err;
    uint64_t tries;

    rig_init(&r);
    give_a_document(&r);
    worker_give_up(r.worker);
    assert_int_equal(worker_take(r.worker, 60000, &b, &err), REJECT);
    batch_free(b);
    tries = metric_count(r.meters.retries);
    give_a_document(&r);
    while (metric_count(r.meters.retries) < tries + 2)
        assert_int_equal(worker_take(r.worker, 20, &b, &err), RETRY);
    rig_done(&r);
}

TEST(it_ends_with_a_batch_in_hand)
{
    struct rig r;

    rig_init(&r);
    give_a_document(&r);
    rig_done(&r);
}

TEST(without_a_batch_there_is_nothing_to_take)
{
    struct rig r;
    struct batch *b = NULL;
    struct err err;

    rig_init(&r);
    assert_int_equal(worker_take(r.worker, 0, &b, &err), RETRY);
    assert_null(b);
    rig_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_keeps_trying_until_the_batch_is_given_up),
        cmocka_unit_test(a_batch_given_after_one_that_was_given_up_is_tried_anew),
        cmocka_unit_test(it_ends_with_a_batch_in_hand),
        cmocka_unit_test(without_a_batch_there_is_nothing_to_take),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
