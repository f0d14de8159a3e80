/* SPDX-License-Identifier: MIT */
/* A mock cluster cannot create topics, so creation itself is tested end to end. */
#include "tests/unit/test.h"

#include "common/kafka_topics.h"

#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <string.h>

struct cluster {
    rd_kafka_t *client;
    rd_kafka_mock_cluster_t *mock;
    struct settings *settings;
};

static struct settings *settings_of(const char *brokers)
{
    struct settings *s = NULL;
    struct err err = {""};
    char variable[256];
    snprintf(variable, sizeof variable, "KAFKA_BROKERS=%s", brokers);
    assert_int_equal(settings_new(INDEXER, (char *const[]){variable, NULL}, &s, &err), OK);
    return s;
}

static struct cluster cluster_start(void)
{
    char text[256] = "";
    struct cluster c = {
        .client = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text)};
    assert_non_null(c.client);
    c.mock = rd_kafka_mock_cluster_new(c.client, 1);
    c.settings = settings_of(rd_kafka_mock_cluster_bootstraps(c.mock));
    return c;
}

static void cluster_end(struct cluster *c)
{
    settings_free(c->settings);
    rd_kafka_mock_cluster_destroy(c->mock);
    rd_kafka_destroy(c->client);
}

static void create_all(struct cluster *c, const int counts[TOPIC_COUNT])
{
    for (int i = 0; i < TOPIC_COUNT; i++) {
        char name[256];
        kafka_topic_name(c->settings, (enum topic)i, name);
        assert_int_equal(rd_kafka_mock_topic_create(c->mock, name, counts[i], 1), 0);
    }
}

TEST(topics_are_named_after_the_raw_one)
{
    AUTO(settings) s = settings_of("127.0.0.1:1");
    static const char *const names[TOPIC_COUNT] = {"activity-logs", "activity-logs-enriched",
                                                   "activity-logs-stats", "activity-logs-dlq"};
    for (int i = 0; i < TOPIC_COUNT; i++) {
        char name[256];
        kafka_topic_name(s, (enum topic)i, name);
        assert_string_equal(name, names[i]);
    }
}

TEST(topics_that_are_as_they_must_be_are_fine)
{
    struct cluster c = cluster_start();
    struct err err = {""};
    create_all(&c, (const int[]){6, 6, 6, 1});
    assert_int_equal(kafka_topics_ensure(c.settings, &err), OK);
    cluster_end(&c);
}

TEST(the_dead_letters_may_have_any_number_of_partitions)
{
    struct cluster c = cluster_start();
    struct err err = {""};
    create_all(&c, (const int[]){6, 6, 6, 3});
    assert_int_equal(kafka_topics_ensure(c.settings, &err), OK);
    cluster_end(&c);
}

TEST(another_number_of_partitions_is_fatal_and_both_are_named)
{
    struct cluster c = cluster_start();
    struct err err = {""};
    create_all(&c, (const int[]){6, 6, 4, 1});
    assert_int_equal(kafka_topics_ensure(c.settings, &err), FATAL);
    assert_string_equal(err.text, "topic activity-logs-stats has 4 partitions, but PARTITIONS is "
                                  "6: they must be equal");
    cluster_end(&c);
}

TEST(a_cluster_that_does_not_answer_is_tried_again_later)
{
    AUTO(settings) s = settings_of("127.0.0.1:1");
    struct err err = {""};
    assert_int_equal(kafka_topics_ensure(s, &err), RETRY);
    assert_memory_equal(err.text, "Kafka does not list its topics: ", 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_are_named_after_the_raw_one),
        cmocka_unit_test(topics_that_are_as_they_must_be_are_fine),
        cmocka_unit_test(the_dead_letters_may_have_any_number_of_partitions),
        cmocka_unit_test(another_number_of_partitions_is_fatal_and_both_are_named),
        cmocka_unit_test(a_cluster_that_does_not_answer_is_tried_again_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
