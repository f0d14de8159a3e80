/* SPDX-License-Identifier: MIT */
#include "common/kafka_producer.h"

#include "common/kafka_conf.h"

enum result kafka_producer_new(const struct settings *settings, const char *message_timeout_ms,
                               kafka_delivered *delivered, void *opaque, rd_kafka_t **ret,
                               struct err *err)
{
    rd_kafka_conf_t *conf;
    rd_kafka_t *producer;
    char text[256];
    enum result result = kafka_conf_producer(settings, &conf, err);

    if (result != OK)
        return result;
    result = kafka_conf_set(conf, "message.timeout.ms", message_timeout_ms, err);
    if (result != OK) {
        rd_kafka_conf_destroy(conf);
        return result;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_conf_set_opaque(conf, opaque);
    producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (!producer) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, FATAL, "Kafka producer: %s", text);
    }
    *ret = producer;
    return OK;
}

void kafka_producer_free(rd_kafka_t *producer)
{
    if (!producer)
        return;
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer, 0);
    rd_kafka_destroy(producer);
}

/* librdkafka copies what it is given, but has no const for it. */
static void *writable(struct slice s)
{
    union {
        const char *given;
        void *taken;
    } pointer = {.given = s.data};

    return pointer.taken;
}

rd_kafka_resp_err_t kafka_producer_send(rd_kafka_t *producer, const char *topic, int32_t partition,
                                        struct slice key, struct slice value,
                                        rd_kafka_headers_t *headers)
{
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {writable(key), key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {writable(value), value.len}},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(producer, parts, sizeof parts / sizeof parts[0]);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);

    rd_kafka_error_destroy(error);
    if (code)
        rd_kafka_headers_destroy(headers);
    return code;
}
