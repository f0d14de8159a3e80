/* SPDX-License-Identifier: MIT */
#include "indexer/raw_sender.h"

#include "common/clock.h"
#include "common/kafka_conf.h"
#include "common/kafka_topics.h"
#include "common/mem.h"

#include <stdlib.h>

#define MESSAGE_TIMEOUT_MS "8000"

enum { WAIT_MS = 10000 };

struct raw_sender {
    rd_kafka_t *producer;
    char topic[256];
    uint64_t sent, reported; /* how many; a report that comes too late is of an earlier one */
    rd_kafka_resp_err_t outcome;
};

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *m, void *opaque)
{
    struct raw_sender *s = opaque;

    (void)producer;
    s->reported++;
    s->outcome = m->err;
}

enum result raw_sender_new(const struct settings *settings, struct raw_sender **ret,
                           struct err *err)
{
    AUTO(raw_sender) s = mem_zalloc(sizeof *s);
    rd_kafka_conf_t *conf = NULL;
    enum result result = kafka_conf_producer(settings, &conf, err);
    char text[256];

    if (result != OK)
        return result;
    result = kafka_conf_set(conf, "message.timeout.ms", MESSAGE_TIMEOUT_MS, err);
    if (result != OK) {
        rd_kafka_conf_destroy(conf);
        return result;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_conf_set_opaque(conf, s);
    s->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (!s->producer) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, FATAL, "Kafka producer: %s", text);
    }
    kafka_topic_name(settings, TOPIC_RAW, s->topic);
    *ret = TAKE(s);
    return OK;
}

void raw_sender_free(struct raw_sender *s)
{
    if (!s)
        return;
    if (s->producer) {
        rd_kafka_purge(s->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(s->producer, 0);
        rd_kafka_destroy(s->producer);
    }
    free(s);
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

static enum result failed(rd_kafka_resp_err_t code, struct err *err)
{
    enum result result = code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? REJECT : RETRY;

    return err_set(err, result, "replay: %s", rd_kafka_err2str(code));
}

enum result raw_sender_send(struct raw_sender *s, struct slice key, struct slice value,
                            rd_kafka_headers_t *headers, struct err *err)
{
    int64_t until = clock_mono_ms() + WAIT_MS;
    rd_kafka_resp_err_t code;
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = s->topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {writable(key), key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {writable(value), value.len}},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(s->producer, parts, sizeof parts / sizeof *parts);

    code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (code) {
        rd_kafka_headers_destroy(headers);
        return failed(code, err);
    }
    s->sent++;
    while (s->reported < s->sent && clock_mono_ms() < until)
        rd_kafka_poll(s->producer, 100);
    if (s->reported < s->sent)
        return err_set(err, RETRY, "replay: not acknowledged within %d ms", WAIT_MS);
    return s->outcome ? failed(s->outcome, err) : OK;
}
