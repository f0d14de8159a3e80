/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct settings *read_ok(enum program program, const char *const *env)
{
    struct settings *s = NULL;
    struct err err = {""};
    if (settings_new(program, (char *const *)env, &s, &err) != OK)
        fail_msg("refused: %s", err.text);
    return s;
}

static void assert_refused(enum program program, const char *const *env, const char *text)
{
    struct settings *s = NULL;
    struct err err = {""};
    assert_int_equal(settings_new(program, (char *const *)env, &s, &err), FATAL);
    assert_null(s);
    assert_string_equal(err.text, text);
}

TEST(the_gateway_has_defaults_for_everything)
{
    AUTO(settings) s = read_ok(GATEWAY, (const char *const[]){NULL});
    assert_int_equal(s->program, GATEWAY);
    assert_string_equal(s->host, "127.0.0.1");
    assert_int_equal(s->port, 3000);
    assert_int_equal(s->ingest_port, 0);
    assert_string_equal(s->kafka_brokers, "127.0.0.1:9092");
    assert_string_equal(s->kafka_client_id, "activity-log-service");
    assert_string_equal(s->kafka_topic, "activity-logs");
    assert_int_equal(s->partitions, 6);
    assert_int_equal(s->replication_factor, 1);
    assert_string_equal(s->mongo_uri, "mongodb://127.0.0.1:27017");
    assert_string_equal(s->mongo_db_name, "activity_logs");
    assert_string_equal(s->redis_host, "127.0.0.1");
    assert_int_equal(s->redis_port, 6379);
    assert_string_equal(s->redis_password, "");
    assert_int_equal(s->retention_days, 90);
    assert_string_equal(s->auth, "none");
    assert_false(s->allow_anonymous);
    assert_string_equal(s->cors_origin, "*");
    assert_int_equal(s->max_batch, 1000);
    assert_int_equal(s->max_body_bytes, 10485760);
    assert_int_equal(s->ack_timeout_ms, 5000);
    assert_int_equal(s->max_requests_per_minute, 0);
    assert_int_equal(s->max_connections, 10000);
    assert_int_equal(s->workers, 0);
    assert_int_equal(s->drain_timeout_ms, 10000);
    assert_int_equal(s->linger_ms, 1);
    assert_int_equal(s->queue_bytes, 64 * 1024 * 1024);
    assert_string_equal(s->log_level, "info");
    assert_string_equal(s->log_format, "auto");
    assert_in_range(strlen(s->instance_id), 1, 100);
    assert_int_equal(s->kafka_property_count, 0);
}

TEST(processor_and_indexer_have_ports_and_limits_of_their_own)
{
    AUTO(settings) processor = read_ok(PROCESSOR, (const char *const[]){NULL});
    AUTO(settings) indexer = read_ok(INDEXER, (const char *const[]){NULL});
    assert_int_equal(processor->status_port, 3010);
    assert_int_equal(indexer->status_port, 3011);
    assert_int_equal(processor->dedupe_window_ms, 600000);
    assert_int_equal(processor->dedupe_max_ids, 250000);
    assert_string_equal(processor->geoip_db, "");
    assert_string_equal(processor->redact_fields, "");
    assert_non_null(processor->mongo_uri);
    assert_non_null(indexer->mongo_uri);
}

TEST(the_environment_beats_the_defaults_and_empty_is_unset)
{
    AUTO(settings)
    s = read_ok(GATEWAY, (const char *const[]){"PORT=8080", "PORTAL=1",
                                               "INGEST_PORT=", "KAFKA_TOPIC=audit.v2", "HOST=::1",
                                               "ALLOW_ANONYMOUS=1", "INSTANCE_ID=gw-1", NULL});
    assert_int_equal(s->port, 8080);
    assert_int_equal(s->ingest_port, 0);
    assert_string_equal(s->kafka_topic, "audit.v2");
    assert_string_equal(s->host, "::1");
    assert_true(s->allow_anonymous);
    assert_string_equal(s->instance_id, "gw-1");
}

TEST(a_setting_of_another_program_is_not_looked_at)
{
    AUTO(settings)
    s = read_ok(INDEXER, (const char *const[]){"PORT=nonsense", "DEDUPE_MAX_IDS=0", NULL});
    assert_int_equal(s->port, 0);
}

TEST(a_bad_number_names_the_setting_the_value_and_the_range)
{
    static const char *const values[] = {
        "PORT=0",  "PORT=65536", "PORT=3000x", "PORT=-1",
        "PORT= 1", "PORT=+1",    "PORT=0x10",  "PORT=99999999999999999999"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "PORT is \"%s\", but must be a whole number from 1 to 65535",
                 values[i] + 5);
        assert_refused(GATEWAY, (const char *const[]){values[i], NULL}, text);
    }
}

TEST(what_kubernetes_injects_is_recognised)
{
    assert_refused(PROCESSOR, (const char *const[]){"REDIS_PORT=tcp://10.0.0.1:6379", NULL},
                   "REDIS_PORT is \"tcp://10.0.0.1:6379\", but must be a number: Kubernetes sets "
                   "it so for a Service of that name; set enableServiceLinks: false on the pod");
}

TEST(flags_choices_and_names_say_what_they_take)
{
    assert_refused(GATEWAY, (const char *const[]){"ALLOW_ANONYMOUS=yes", NULL},
                   "ALLOW_ANONYMOUS is \"yes\", but must be 0 or 1");
    assert_refused(GATEWAY, (const char *const[]){"LOG_LEVEL=warning", NULL},
                   "LOG_LEVEL is \"warning\", but must be one of debug|info|warn|error");
    assert_refused(GATEWAY, (const char *const[]){"LOG_LEVEL=debug|info", NULL},
                   "LOG_LEVEL is \"debug|info\", but must be one of debug|info|warn|error");
    assert_refused(GATEWAY, (const char *const[]){"KAFKA_TOPIC=a/b", NULL},
                   "KAFKA_TOPIC is \"a/b\", but must be 1 to 200 of A-Z a-z 0-9 and ._-");
    assert_refused(GATEWAY, (const char *const[]){"KAFKA_TOPIC=..", NULL},
                   "KAFKA_TOPIC is \"..\", which Kafka refuses");
    assert_refused(INDEXER, (const char *const[]){"MONGO_DB_NAME=a.b", NULL},
                   "MONGO_DB_NAME is \"a.b\", but must be 1 to 63 of A-Z a-z 0-9 and _-");
}

TEST(a_name_has_a_longest_length)
{
    char id[120] = "INSTANCE_ID=";
    memset(id + 12, 'x', 100);
    id[112] = '\0';
    AUTO(settings) s = read_ok(PROCESSOR, (const char *const[]){id, NULL});
    assert_int_equal(strlen(s->instance_id), 100);
    struct settings *none = NULL;
    struct err err;
    id[112] = 'x';
    id[113] = '\0';
    assert_int_equal(settings_new(PROCESSOR, (char *const[]){id, NULL}, &none, &err), FATAL);
}

TEST(text_with_control_characters_is_refused)
{
    assert_refused(GATEWAY, (const char *const[]){"KAFKA_CLIENT_ID=a\nb", NULL},
                   "KAFKA_CLIENT_ID is \"\", but must be without control characters");
}

TEST(anonymous_access_from_the_network_must_be_meant)
{
    static const char *const loopback[] = {"HOST=127.0.0.1", "HOST=127.9.9.9", "HOST=::1",
                                           "HOST=localhost"};
    for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++) {
        AUTO(settings) s = read_ok(GATEWAY, (const char *const[]){loopback[i], NULL});
        assert_non_null(s);
    }
    assert_refused(GATEWAY, (const char *const[]){"HOST=0.0.0.0", NULL},
                   "AUTH=none with HOST=0.0.0.0 lets anyone on the network in: set HOST to "
                   "127.0.0.1, or ALLOW_ANONYMOUS=1 if that is meant");
    AUTO(settings)
    meant = read_ok(GATEWAY, (const char *const[]){"HOST=0.0.0.0", "ALLOW_ANONYMOUS=1", NULL});
    assert_non_null(meant);
    AUTO(settings) indexer = read_ok(INDEXER, (const char *const[]){"HOST=0.0.0.0", NULL});
    assert_non_null(indexer);
}

TEST(with_keys_any_address_may_be_listened_on)
{
    AUTO(settings)
    keys = read_ok(GATEWAY, (const char *const[]){"AUTH=keys", "HOST=0.0.0.0", NULL});
    assert_string_equal(keys->auth, "keys");
}

TEST(two_ports_of_the_gateway_differ)
{
    assert_refused(GATEWAY, (const char *const[]){"PORT=3001", "INGEST_PORT=3001", NULL},
                   "INGEST_PORT is 3001, which is PORT already: another, or 0");
}

TEST(a_bad_uri_is_refused_without_being_shown)
{
    assert_refused(INDEXER, (const char *const[]){"MONGO_URI=http://user:hunter2@host", NULL},
                   "MONGO_URI (not shown) must begin with mongodb:// or mongodb+srv://");
}

static void write_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

TEST(a_secret_is_read_from_its_file_without_the_line_end)
{
    char path[] = "/tmp/als-test-XXXXXX", variable[64], property[64];
    close(mkstemp(path));
    write_file(path, "hunter2\r\n", 9);
    snprintf(variable, sizeof variable, "REDIS_PASSWORD_FILE=%s", path);
    snprintf(property, sizeof property, "KAFKA_PROPERTY_sasl_password_FILE=%s", path);
    AUTO(settings) s = read_ok(PROCESSOR, (const char *const[]){variable, property, NULL});
    assert_string_equal(s->redis_password, "hunter2");
    assert_int_equal(s->kafka_property_count, 1);
    assert_string_equal(s->kafka_properties[0].name, "sasl.password");
    assert_string_equal(s->kafka_properties[0].value, "hunter2");
    unlink(path);
}

TEST(a_secret_file_must_hold_one_secret)
{
    char path[] = "/tmp/als-test-XXXXXX", variable[64], text[200];
    close(mkstemp(path));
    snprintf(variable, sizeof variable, "REDIS_PASSWORD_FILE=%s", path);
    snprintf(text, sizeof text,
             "REDIS_PASSWORD_FILE is \"%s\", which does not hold a secret of 1 to 65535 bytes",
             path);
    assert_refused(PROCESSOR, (const char *const[]){variable, NULL}, text);
    write_file(path, "\n", 1);
    assert_refused(PROCESSOR, (const char *const[]){variable, NULL}, text);
    write_file(path, "a\0b", 3);
    assert_refused(PROCESSOR, (const char *const[]){variable, NULL}, text);
    unlink(path);
    snprintf(text, sizeof text,
             "REDIS_PASSWORD_FILE is \"%s\", which cannot be read: No such file or directory",
             path);
    assert_refused(PROCESSOR, (const char *const[]){variable, NULL}, text);
}

TEST(a_secret_given_twice_is_refused)
{
    assert_refused(PROCESSOR,
                   (const char *const[]){"REDIS_PASSWORD=a", "REDIS_PASSWORD_FILE=/b", NULL},
                   "REDIS_PASSWORD and REDIS_PASSWORD_FILE are both set: leave one");
}

TEST(what_is_no_secret_has_no_file)
{
    AUTO(settings)
    s = read_ok(GATEWAY, (const char *const[]){"KAFKA_TOPIC_FILE=/nonexistent", NULL});
    assert_string_equal(s->kafka_topic, "activity-logs");
}

TEST(kafka_properties_take_dots_for_underscores)
{
    AUTO(settings)
    s = read_ok(GATEWAY, (const char *const[]){"KAFKA_PROPERTY_security_protocol=SASL_SSL",
                                               "KAFKA_PROPERTY_SOCKET_TIMEOUT_MS=1=2",
                                               "KAFKA_PROPERTY_debug=", NULL});
    assert_int_equal(s->kafka_property_count, 2);
    assert_string_equal(s->kafka_properties[0].name, "security.protocol");
    assert_string_equal(s->kafka_properties[0].value, "SASL_SSL");
    assert_string_equal(s->kafka_properties[1].name, "socket.timeout.ms");
    assert_string_equal(s->kafka_properties[1].value, "1=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gateway_has_defaults_for_everything),
        cmocka_unit_test(processor_and_indexer_have_ports_and_limits_of_their_own),
        cmocka_unit_test(the_environment_beats_the_defaults_and_empty_is_unset),
        cmocka_unit_test(a_setting_of_another_program_is_not_looked_at),
        cmocka_unit_test(a_bad_number_names_the_setting_the_value_and_the_range),
        cmocka_unit_test(what_kubernetes_injects_is_recognised),
        cmocka_unit_test(flags_choices_and_names_say_what_they_take),
        cmocka_unit_test(a_name_has_a_longest_length),
        cmocka_unit_test(text_with_control_characters_is_refused),
        cmocka_unit_test(anonymous_access_from_the_network_must_be_meant),
        cmocka_unit_test(with_keys_any_address_may_be_listened_on),
        cmocka_unit_test(two_ports_of_the_gateway_differ),
        cmocka_unit_test(a_bad_uri_is_refused_without_being_shown),
        cmocka_unit_test(a_secret_is_read_from_its_file_without_the_line_end),
        cmocka_unit_test(a_secret_file_must_hold_one_secret),
        cmocka_unit_test(a_secret_given_twice_is_refused),
        cmocka_unit_test(what_is_no_secret_has_no_file),
        cmocka_unit_test(kafka_properties_take_dots_for_underscores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
