/* SPDX-License-Identifier: MIT */
#include "common/kafka_conf.h"
#include "common/log.h"

#include <string.h>

enum { ERROR_TEXT = 512, MAX_MESSAGE_BYTES = 8 * 1024 * 1024 };

/* Tables of these end at a NULL name. */
struct pair {
    const char *name, *value;
};

/* clang-format off */
static const struct pair common_defaults[] = {
    {"socket.keepalive.enable", "true"},
    {"socket.nagle.disable", "true"},
    {"reconnect.backoff.max.ms", "2000"},
    {"log.thread.name", "false"},
    {"log.connection.close", "false"},
    {NULL, NULL},
};

static const struct pair producer_defaults[] = {
    {"compression.type", "lz4"},
    {"queue.buffering.max.messages", "1000000"},
    {NULL, NULL},
};

static const struct pair consumer_defaults[] = {
    {"session.timeout.ms", "10000"},
    {"fetch.wait.max.ms", "100"},
    {"fetch.max.bytes", "16777216"},
    {"queued.max.messages.kbytes", "32768"},
    {NULL, NULL},
};

static const struct pair common_fixed[] = {
    {"allow.auto.create.topics", "false"},
    {NULL, NULL},
};

static const struct pair producer_fixed[] = {
    {"acks", "all"},
    {"enable.idempotence", "true"},
    {"partitioner", "murmur2_random"}, /* as Java and JavaScript clients do */
    {NULL, NULL},
};

static const struct pair consumer_fixed[] = {
    {"isolation.level", "read_committed"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"partition.assignment.strategy", "range"},
    {"auto.offset.reset", "error"},
    {NULL, NULL},
};

static const char no_loss[] = "an accepted record must not be lost or doubled";
static const char counted_once[] = "every record is counted exactly once";
static const char same_partition[] = "a retry must reach the same partition";
static const char own_group[] = "it is derived from KAFKA_TOPIC and INSTANCE_ID";

/* What an operator may not change, and why. */
static const struct pair refused[] = {
    {"bootstrap.servers", "set KAFKA_BROKERS"},
    {"metadata.broker.list", "set KAFKA_BROKERS"},
    {"client.id", "set KAFKA_CLIENT_ID"},
    {"linger.ms", "set LINGER_MS"},
    {"queue.buffering.max.ms", "set LINGER_MS"},
    {"queue.buffering.max.kbytes", "set QUEUE_BYTES"},
    {"message.timeout.ms", "set ACK_TIMEOUT_MS"},
    {"delivery.timeout.ms", "set ACK_TIMEOUT_MS"},
    {"acks", no_loss},
    {"request.required.acks", no_loss},
    {"enable.idempotence", no_loss},
    {"enable.gapless.guarantee", no_loss},
    {"max.in.flight", no_loss},
    {"max.in.flight.requests.per.connection", no_loss},
    {"retries", no_loss},
    {"message.send.max.retries", no_loss},
    {"queuing.strategy", no_loss},
    {"delivery.report.only.error", no_loss},
    {"message.max.bytes", "whatever the broker took must fit the dead letters"},
    {"partitioner", same_partition},
    {"allow.auto.create.topics", "topics are created with the partitions they need"},
    {"transactional.id", own_group},
    {"group.id", own_group},
    {"group.instance.id", own_group},
    {"group.protocol.type", counted_once},
    {"transaction.timeout.ms", counted_once},
    {"isolation.level", counted_once},
    {"enable.auto.commit", counted_once},
    {"enable.auto.offset.store", counted_once},
    {"enable.partition.eof", counted_once},
    {"partition.assignment.strategy", counted_once},
    {"auto.offset.reset", counted_once},
    {"offset.store.method", counted_once},
    {"log.queue", "it belongs to the program"},
    {NULL, NULL},
};
/* clang-format on */

enum result kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                           struct err *err)
{
    char text[ERROR_TEXT] = "";
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) == RD_KAFKA_CONF_OK)
        return OK;
    return err_set(err, FATAL, "%s", text);
}

static enum result set_all(rd_kafka_conf_t *conf, const struct pair *pairs, struct err *err)
{
    enum result result = OK;
    for (; pairs->name && result == OK; pairs++)
        result = kafka_conf_set(conf, pairs->name, pairs->value, err);
    return result;
}

static const char *why_refused(const char *name)
{
    for (const struct pair *p = refused; p->name; p++) {
        if (strcmp(p->name, name) == 0)
            return p->value;
    }
    return NULL;
}

/* An error names the setting by the operator's name for it, and shows no secret. */
static enum result set_property(rd_kafka_conf_t *conf, const struct kafka_property *p,
                                struct err *err)
{
    struct err cause;
    char variable[128];
    snprintf(variable, sizeof variable, "KAFKA_PROPERTY_%.100s", p->name);
    for (char *dot = variable; (dot = strchr(dot, '.'));)
        *dot = '_';
    const char *why = why_refused(p->name);
    if (why)
        return err_set(err, FATAL, "%s cannot be set: %s", variable, why);
    if (kafka_conf_set(conf, p->name, p->value, &cause) == OK)
        return OK;
    if (settings_is_secret_property(p->name))
        return err_set(err, FATAL, "%s (not shown) is refused by librdkafka", variable);
    return err_set(err, FATAL, "%s is \"%.100s\": %s", variable, p->value, cause.text);
}

static enum result set_properties(rd_kafka_conf_t *conf, const struct settings *settings,
                                  struct err *err)
{
    enum result result = OK;
    for (size_t i = 0; i < settings->kafka_property_count && result == OK; i++)
        result = set_property(conf, &settings->kafka_properties[i], err);
    return result;
}

/* librdkafka's levels are those of syslog: 3 error, 4 warning, 5 notice, 6 info, 7 debug. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    const char *client = rk ? rd_kafka_name(rk) : "conf";
    /* An operator's property goes to producers and consumers alike; one of them has no use for it.
     */
    bool is_debug = level >= 7 || strstr(text, "will be ignored by this");
    if (is_debug)
        log_debug("kafka: %s: %s: %s", facility, client, text);
    else
        log_sparse(level <= 4 ? LOG_WARN : LOG_INFO, "kafka: %s: %s: %s", facility, client, text);
}

/* Defaults, properties, then what is fixed, for any client. */
static enum result set_common(rd_kafka_conf_t *conf, const struct settings *settings,
                              const struct pair *defaults, const struct pair *fixed,
                              struct err *err)
{
    rd_kafka_conf_set_log_cb(conf, on_log);
    enum result result = set_all(conf, common_defaults, err);
    if (result == OK && defaults)
        result = set_all(conf, defaults, err);
    if (result == OK)
        result = set_properties(conf, settings, err);
    if (result == OK)
        result = kafka_conf_set(conf, "bootstrap.servers", settings->kafka_brokers, err);
    if (result == OK)
        result = kafka_conf_set(conf, "client.id", settings->kafka_client_id, err);
    if (result == OK)
        result = set_all(conf, common_fixed, err);
    if (result == OK && fixed)
        result = set_all(conf, fixed, err);
    return result;
}

static enum result hand_over(enum result result, rd_kafka_conf_t *conf, rd_kafka_conf_t **ret)
{
    if (result == OK)
        *ret = conf;
    else
        rd_kafka_conf_destroy(conf);
    return result;
}

enum result kafka_conf_admin(const struct settings *settings, rd_kafka_conf_t **ret,
                             struct err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    return hand_over(set_common(conf, settings, NULL, NULL, err), conf, ret);
}

static enum result set_producer(rd_kafka_conf_t *conf, const struct settings *settings,
                                struct err *err)
{
    char queue_kbytes[32], message_bytes[32];
    snprintf(queue_kbytes, sizeof queue_kbytes, "%ld", settings->queue_bytes / 1024);
    snprintf(message_bytes, sizeof message_bytes, "%d", MAX_MESSAGE_BYTES);
    const struct pair limits[] = {
        {"queue.buffering.max.kbytes", queue_kbytes},
        {"message.max.bytes", message_bytes},
        {NULL, NULL},
    };
    enum result result = set_common(conf, settings, producer_defaults, producer_fixed, err);
    return result == OK ? set_all(conf, limits, err) : result;
}

enum result kafka_conf_producer(const struct settings *settings, rd_kafka_conf_t **ret,
                                struct err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    return hand_over(set_producer(conf, settings, err), conf, ret);
}

static enum result set_consumer(rd_kafka_conf_t *conf, const struct settings *settings,
                                const char *group, bool is_static, struct err *err)
{
    enum result result = set_common(conf, settings, consumer_defaults, consumer_fixed, err);
    if (result == OK)
        result = kafka_conf_set(conf, "group.id", group, err);
    if (result == OK && is_static)
        result = kafka_conf_set(conf, "group.instance.id", settings->instance_id, err);
    return result;
}

enum result kafka_conf_consumer(const struct settings *settings, const char *group, bool is_static,
                                rd_kafka_conf_t **ret, struct err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    return hand_over(set_consumer(conf, settings, group, is_static, err), conf, ret);
}

static void ignore_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk, (void)level, (void)facility, (void)text;
}

/* Settings that do not go together, files that are missing and mechanisms that are not built in
 * show only when a client is made. Without brokers it connects to nothing. */
static enum result try_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct err *err)
{
    char text[ERROR_TEXT] = "";
    rd_kafka_conf_set_log_cb(conf, ignore_log);
    rd_kafka_conf_set(conf, "bootstrap.servers", "", NULL, 0);
    rd_kafka_t *client = rd_kafka_new(type, conf, text, sizeof text);
    if (!client) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, FATAL, "librdkafka refuses its settings (KAFKA_PROPERTY_...): %s",
                       text);
    }
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return OK;
}

enum result kafka_conf_check(const struct settings *settings, struct err *err)
{
    rd_kafka_conf_t *conf;
    enum result result = kafka_conf_producer(settings, &conf, err);
    if (result == OK)
        result = try_client(RD_KAFKA_PRODUCER, conf, err);
    if (result == OK)
        result = kafka_conf_consumer(settings, "check", true, &conf, err);
    if (result == OK)
        result = try_client(RD_KAFKA_CONSUMER, conf, err);
    return result;
}
