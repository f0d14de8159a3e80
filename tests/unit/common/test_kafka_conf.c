/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/kafka_conf.h"

#include <string.h>

static struct settings *settings_of(const char *const *env)
{
    struct settings *s = NULL;
    struct err err = {""};
    if (settings_new(PROCESSOR, (char *const *)env, &s, &err) != OK)
        fail_msg("refused: %s", err.text);
    return s;
}

static void assert_has(const rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char held[512] = "";
    size_t size = sizeof held;
    assert_int_equal(rd_kafka_conf_get(conf, name, held, &size), RD_KAFKA_CONF_OK);
    if (strcmp(held, value) != 0)
        fail_msg("%s is %s, not %s", name, held, value);
}

static rd_kafka_conf_t *producer_of(const struct settings *s)
{
    rd_kafka_conf_t *conf = NULL;
    struct err err = {""};
    if (kafka_conf_producer(s, &conf, &err) != OK)
        fail_msg("refused: %s", err.text);
    return conf;
}

TEST(a_producer_neither_loses_nor_doubles_and_is_bounded)
{
    AUTO(settings)
    s = settings_of((const char *const[]){"KAFKA_BROKERS=a:1,b:2", "QUEUE_BYTES=33554432", NULL});
    rd_kafka_conf_t *conf = producer_of(s);
    assert_has(conf, "bootstrap.servers", "a:1,b:2");
    assert_has(conf, "client.id", "activity-log-service");
    assert_has(conf, "acks", "-1");
    assert_has(conf, "enable.idempotence", "true");
    assert_has(conf, "partitioner", "murmur2_random");
    assert_has(conf, "message.max.bytes", "8388608");
    assert_has(conf, "queue.buffering.max.kbytes", "32768");
    assert_has(conf, "allow.auto.create.topics", "false");
    rd_kafka_conf_destroy(conf);
}

TEST(a_consumer_reads_what_is_committed_and_commits_by_itself)
{
    AUTO(settings) s = settings_of((const char *const[]){"INSTANCE_ID=p-1", NULL});
    rd_kafka_conf_t *conf = NULL;
    struct err err;
    assert_int_equal(kafka_conf_consumer(s, "activity-logs-processor", true, &conf, &err), OK);
    assert_has(conf, "group.id", "activity-logs-processor");
    assert_has(conf, "group.instance.id", "p-1");
    assert_has(conf, "isolation.level", "read_committed");
    assert_has(conf, "enable.auto.commit", "false");
    assert_has(conf, "enable.auto.offset.store", "false");
    assert_has(conf, "partition.assignment.strategy", "range");
    assert_has(conf, "auto.offset.reset", "error");
    assert_has(conf, "session.timeout.ms", "10000");
    rd_kafka_conf_destroy(conf);
}

TEST(a_dynamic_member_has_no_instance_id)
{
    AUTO(settings) s = settings_of((const char *const[]){NULL});
    rd_kafka_conf_t *conf = NULL;
    struct err err;
    char held[64] = "";
    size_t size = sizeof held;
    assert_int_equal(kafka_conf_consumer(s, "g", false, &conf, &err), OK);
    assert_int_equal(rd_kafka_conf_get(conf, "group.instance.id", held, &size),
                     RD_KAFKA_CONF_UNKNOWN);
    rd_kafka_conf_destroy(conf);
}

TEST(an_operator_beats_our_defaults)
{
    AUTO(settings)
    s = settings_of((const char *const[]){"KAFKA_PROPERTY_compression_type=zstd",
                                          "KAFKA_PROPERTY_session_timeout_ms=7000", NULL});
    rd_kafka_conf_t *conf = producer_of(s);
    assert_has(conf, "compression.type", "zstd");
    assert_has(conf, "session.timeout.ms", "7000");
    rd_kafka_conf_destroy(conf);
}

/* Also that librdkafka knows each of these names: a misspelt one would guard nothing. */
TEST(an_operator_cannot_change_what_the_promises_rest_on)
{
    static const char *const names[] = {
        "bootstrap.servers",
        "metadata.broker.list",
        "client.id",
        "linger.ms",
        "queue.buffering.max.ms",
        "queue.buffering.max.kbytes",
        "message.timeout.ms",
        "delivery.timeout.ms",
        "acks",
        "request.required.acks",
        "enable.idempotence",
        "enable.gapless.guarantee",
        "max.in.flight",
        "max.in.flight.requests.per.connection",
        "retries",
        "message.send.max.retries",
        "queuing.strategy",
        "delivery.report.only.error",
        "message.max.bytes",
        "partitioner",
        "allow.auto.create.topics",
        "transactional.id",
        "group.id",
        "group.instance.id",
        "group.protocol.type",
        "transaction.timeout.ms",
        "isolation.level",
        "enable.auto.commit",
        "enable.auto.offset.store",
        "enable.partition.eof",
        "partition.assignment.strategy",
        "auto.offset.reset",
        "offset.store.method",
        "log.queue",
    };
    AUTO(settings) s = settings_of((const char *const[]){"KAFKA_PROPERTY_x=1", NULL});
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char unused[64];
        struct err err = {""};
        rd_kafka_conf_t *known = rd_kafka_conf_new();
        bool is_known =
            rd_kafka_conf_set(known, names[i], "x", unused, sizeof unused) != RD_KAFKA_CONF_UNKNOWN;
        rd_kafka_conf_destroy(known);
        free(s->kafka_properties[0].name);
        s->kafka_properties[0].name = strdup(names[i]);
        assert_int_equal(kafka_conf_check(s, &err), FATAL);
        if (!is_known || !strstr(err.text, " cannot be set: "))
            fail_msg("%s: %s", names[i], err.text);
    }
}

static void assert_check_refuses(const char *const *env, const char *text)
{
    AUTO(settings) s = settings_of(env);
    struct err err = {""};
    assert_int_equal(kafka_conf_check(s, &err), FATAL);
    if (!strstr(err.text, text))
        fail_msg("\"%s\" is not in \"%s\"", text, err.text);
}

TEST(a_property_that_is_unknown_or_bad_is_named_as_the_operator_wrote_it)
{
    assert_check_refuses((const char *const[]){"KAFKA_PROPERTY_foo_bar=1", NULL},
                         "KAFKA_PROPERTY_foo_bar is \"1\": No such configuration property");
    assert_check_refuses((const char *const[]){"KAFKA_PROPERTY_socket_timeout_ms=soon", NULL},
                         "KAFKA_PROPERTY_socket_timeout_ms is \"soon\": ");
}

TEST(a_refused_secret_is_not_shown)
{
    AUTO(settings)
    s = settings_of((const char *const[]){"KAFKA_PROPERTY_sasl_passwort_or_secret=hunter2", NULL});
    struct err err = {""};
    assert_int_equal(kafka_conf_check(s, &err), FATAL);
    assert_null(strstr(err.text, "hunter2"));
}

TEST(properties_that_do_not_go_together_are_found_before_any_connection)
{
    assert_check_refuses((const char *const[]){"KAFKA_PROPERTY_security_protocol=ssl",
                                               "KAFKA_PROPERTY_ssl_ca_location=/nonexistent", NULL},
                         "ssl.ca.location failed");
    assert_check_refuses((const char *const[]){"KAFKA_PROPERTY_session_timeout_ms=600000", NULL},
                         "max.poll.interval.ms");
}

TEST(good_settings_pass_the_check)
{
    AUTO(settings)
    s = settings_of((const char *const[]){"KAFKA_PROPERTY_socket_timeout_ms=10000", NULL});
    struct err err = {""};
    assert_int_equal(kafka_conf_check(s, &err), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_producer_neither_loses_nor_doubles_and_is_bounded),
        cmocka_unit_test(a_consumer_reads_what_is_committed_and_commits_by_itself),
        cmocka_unit_test(a_dynamic_member_has_no_instance_id),
        cmocka_unit_test(an_operator_beats_our_defaults),
        cmocka_unit_test(an_operator_cannot_change_what_the_promises_rest_on),
        cmocka_unit_test(a_property_that_is_unknown_or_bad_is_named_as_the_operator_wrote_it),
        cmocka_unit_test(a_refused_secret_is_not_shown),
        cmocka_unit_test(properties_that_do_not_go_together_are_found_before_any_connection),
        cmocka_unit_test(good_settings_pass_the_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
