/* SPDX-License-Identifier: MIT */
/* DESIGN. All topics are listed at once: asking for one that does not exist may create it, with the
 * broker's own partition count, where auto.create.topics.enable is on. Several daemons may create
 * the same topics at the same moment: "already exists" is success. */
#include "common/kafka_topics.h"
#include "common/kafka_conf.h"
#include "common/stop.h"

#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 5000, LEADERS_MS = 15000, POLL_MS = 100, ERROR_TEXT = 512 };

static const struct {
    const char *suffix, *retention_ms, *max_message_bytes;
    bool is_partitioned;
} topics[TOPIC_COUNT] = {
    [TOPIC_RAW] = {"", "604800000", "4194304", true},               /* 7 days */
    [TOPIC_ENRICHED] = {"-enriched", "777600000", "8388608", true}, /* 9 days */
    [TOPIC_STATS] = {"-stats", "1382400000", "8388608", true},      /* 16 days */
    [TOPIC_DLQ] = {"-dlq", "2592000000", "8388608", false},         /* 30 days */
};

void kafka_topic_name(const struct settings *settings, enum topic topic, char out[256])
{
    snprintf(out, 256, "%s%s", settings->kafka_topic, topics[topic].suffix);
}

static int wanted_partitions(const struct settings *settings, enum topic topic)
{
    return topics[topic].is_partitioned ? (int)settings->partitions : 1;
}

static enum result list(rd_kafka_t *client, const rd_kafka_metadata_t **ret, struct err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, NULL, ret, ANSWER_MS);
    if (code)
        return err_set(err, RETRY, "Kafka does not list its topics: %s", rd_kafka_err2str(code));
    return OK;
}

static const rd_kafka_metadata_topic_t *find(const rd_kafka_metadata_t *listed,
                                             const struct settings *settings, enum topic topic)
{
    char name[256];
    kafka_topic_name(settings, topic, name);
    for (int i = 0; i < listed->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *t = &listed->topics[i];
        if (strcmp(t->topic, name) == 0 && t->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            return t;
    }
    return NULL;
}

static enum result check_counts(const rd_kafka_metadata_t *listed, const struct settings *settings,
                                struct err *err)
{
    for (int i = 0; i < TOPIC_COUNT; i++) {
        const rd_kafka_metadata_topic_t *t = find(listed, settings, (enum topic)i);
        if (!topics[i].is_partitioned || !t || t->partition_cnt == 0)
            continue;
        if (t->partition_cnt != settings->partitions)
            return err_set(err, FATAL,
                           "topic %s has %d partitions, but PARTITIONS is %ld: they must be equal",
                           t->topic, t->partition_cnt, settings->partitions);
    }
    return OK;
}

static bool has_leaders(const rd_kafka_metadata_topic_t *t)
{
    if (!t || t->err || t->partition_cnt == 0)
        return false;
    for (int i = 0; i < t->partition_cnt; i++) {
        if (t->partitions[i].err || t->partitions[i].leader < 0)
            return false;
    }
    return true;
}

static bool is_complete(const rd_kafka_metadata_t *listed, const struct settings *settings)
{
    bool is_complete = true;
    for (int i = 0; i < TOPIC_COUNT; i++)
        is_complete = is_complete && has_leaders(find(listed, settings, (enum topic)i));
    return is_complete;
}

static enum result describe(const struct settings *settings, enum topic topic,
                            rd_kafka_NewTopic_t **ret, struct err *err)
{
    char name[256], text[ERROR_TEXT] = "";
    kafka_topic_name(settings, topic, name);
    rd_kafka_NewTopic_t *t =
        rd_kafka_NewTopic_new(name, wanted_partitions(settings, topic),
                              (int)settings->replication_factor, text, sizeof text);
    if (!t)
        return err_set(err, FATAL, "topic %s cannot be asked for: %s", name, text);
    rd_kafka_NewTopic_set_config(t, "cleanup.policy", "delete");
    rd_kafka_NewTopic_set_config(t, "message.timestamp.type", "LogAppendTime");
    rd_kafka_NewTopic_set_config(t, "retention.ms", topics[topic].retention_ms);
    rd_kafka_NewTopic_set_config(t, "max.message.bytes", topics[topic].max_message_bytes);
    *ret = t;
    return OK;
}

/* What time does not cure. */
static bool is_final(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return true;
    default:
        return false;
    }
}

static enum result judge(rd_kafka_event_t *event, struct err *err)
{
    size_t count = 0;
    if (!event)
        return err_set(err, RETRY, "Kafka does not answer to the creation of topics");
    if (rd_kafka_event_error(event))
        return err_set(err, RETRY, "topics are not created: %s",
                       rd_kafka_event_error_string(event));
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        const char *text = rd_kafka_topic_result_error_string(results[i]);
        if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            return err_set(err, is_final(code) ? FATAL : RETRY, "topic %s is not created: %s",
                           rd_kafka_topic_result_name(results[i]),
                           text ? text : rd_kafka_err2str(code));
    }
    return OK;
}

static enum result create(rd_kafka_t *client, rd_kafka_NewTopic_t **wanted, size_t count,
                          struct err *err)
{
    char text[ERROR_TEXT];
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, text, sizeof text);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_CreateTopics(client, wanted, count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * ANSWER_MS);
    enum result result = judge(event, err);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return result;
}

static enum result create_missing(rd_kafka_t *client, const rd_kafka_metadata_t *listed,
                                  const struct settings *settings, struct err *err)
{
    rd_kafka_NewTopic_t *wanted[TOPIC_COUNT];
    size_t count = 0;
    enum result result = OK;
    for (int i = 0; i < TOPIC_COUNT && result == OK; i++) {
        if (!find(listed, settings, (enum topic)i))
            result = describe(settings, (enum topic)i, &wanted[count], err);
        count += result == OK && !find(listed, settings, (enum topic)i);
    }
    if (result == OK && count > 0)
        result = create(client, wanted, count, err);
    rd_kafka_NewTopic_destroy_array(wanted, count);
    return result;
}

/* Lists, checks and creates once. *ret_is_complete: all four are there, led and as they must be. */
static enum result ensure_once(rd_kafka_t *client, const struct settings *settings,
                               bool *ret_is_complete, struct err *err)
{
    const rd_kafka_metadata_t *listed;
    enum result result = list(client, &listed, err);
    if (result != OK)
        return result;
    result = check_counts(listed, settings, err);
    if (result == OK)
        result = create_missing(client, listed, settings, err);
    *ret_is_complete = is_complete(listed, settings);
    rd_kafka_metadata_destroy(listed);
    return result;
}

static enum result ensure(rd_kafka_t *client, const struct settings *settings, struct err *err)
{
    for (int waited_ms = 0; waited_ms < LEADERS_MS; waited_ms += POLL_MS) {
        bool is_complete = false;
        enum result result = ensure_once(client, settings, &is_complete, err);
        if (result != OK || is_complete)
            return result;
        if (stop_sleep_ms(POLL_MS))
            return err_set(err, RETRY, "topics have no leaders yet, and we are stopping");
    }
    return err_set(err, RETRY, "topics have no leaders after %d ms", LEADERS_MS);
}

enum result kafka_topics_ensure(const struct settings *settings, struct err *err)
{
    char text[ERROR_TEXT] = "";
    rd_kafka_conf_t *conf;
    enum result result = kafka_conf_admin(settings, &conf, err);
    if (result != OK)
        return result;
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (!client) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, FATAL, "no Kafka client: %s", text);
    }
    result = ensure(client, settings, err);
    rd_kafka_destroy(client);
    return result;
}
