/* SPDX-License-Identifier: MIT */
#include "common/kafka_source.h"

#include "common/mem.h"

#include <stdlib.h>

enum { RETRY_MS = 100 };

/* The rebalance callback runs inside our own poll, on the caller's thread, so what it finds out
 * is kept here and handed on when the poll returns. */
struct kafka_source {
    rd_kafka_t *rk;
    struct kafka_source_events events;
    rd_kafka_topic_partition_list_t *pending; /* given to us, `assigned` said RETRY so far */
    enum result failure;
    struct err failure_text;
    bool closing;
};

/* Until rd_kafka_assign is called the group waits for us (heartbeats go on), so `assigned` may
 * take several polls to make up its mind. */
static enum result try_assign(struct kafka_source *s, struct err *err)
{
    rd_kafka_resp_err_t code;
    enum result result = OK;

    if (s->events.assigned)
        result = s->events.assigned(s->events.ctx, s->pending, err);
    if (result != OK)
        return result;
    code = rd_kafka_assign(s->rk, s->pending);
    rd_kafka_topic_partition_list_destroy(TAKE(s->pending));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return OK;
    return err_set(err, code == RD_KAFKA_RESP_ERR__FATAL ? FATAL : RETRY,
                   "partitions cannot be assigned: %s", rd_kafka_err2str(code));
}

static void forget_pending(struct kafka_source *s)
{
    if (s->pending)
        rd_kafka_topic_partition_list_destroy(TAKE(s->pending));
}

static void rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                      rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct kafka_source *s = opaque;

    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !s->closing) {
        forget_pending(s);
        s->pending = rd_kafka_topic_partition_list_copy(partitions);
        s->failure = try_assign(s, &s->failure_text);
        return;
    }
    /* Partitions that `assigned` has not accepted yet are not the owner's to give back. */
    if (s->pending)
        forget_pending(s);
    else if (s->events.revoked)
        s->events.revoked(s->events.ctx, partitions, rd_kafka_assignment_lost(rk));
    rd_kafka_assign(rk, NULL);
}

enum result kafka_source_new(rd_kafka_conf_t **conf, const char *const *topics, size_t topic_count,
                             const struct kafka_source_events *events, struct kafka_source **ret,
                             struct err *err)
{
    AUTO(kafka_source) s = mem_zalloc(sizeof *s);
    rd_kafka_topic_partition_list_t *wanted;
    rd_kafka_resp_err_t code;
    char text[256];

    s->events = *events;
    rd_kafka_conf_set_opaque(*conf, s);
    rd_kafka_conf_set_rebalance_cb(*conf, rebalance);
    s->rk = rd_kafka_new(RD_KAFKA_CONSUMER, *conf, text, sizeof text);
    if (!s->rk) {
        rd_kafka_conf_destroy(TAKE(*conf));
        return err_set(err, FATAL, "Kafka consumer: %s", text);
    }
    *conf = NULL;
    rd_kafka_poll_set_consumer(s->rk);

    wanted = rd_kafka_topic_partition_list_new((int)topic_count);
    for (size_t i = 0; i < topic_count; i++)
        rd_kafka_topic_partition_list_add(wanted, topics[i], RD_KAFKA_PARTITION_UA);
    code = rd_kafka_subscribe(s->rk, wanted);
    rd_kafka_topic_partition_list_destroy(wanted);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return err_set(err, FATAL, "Kafka consumer cannot subscribe: %s", rd_kafka_err2str(code));
    *ret = TAKE(s);
    return OK;
}

void kafka_source_free(struct kafka_source *s)
{
    if (!s)
        return;
    s->closing = true;
    if (s->rk) {
        rd_kafka_consumer_close(s->rk);
        rd_kafka_destroy(s->rk);
    }
    forget_pending(s);
    free(s);
}

static enum result fatal_error(struct kafka_source *s, struct err *err)
{
    char text[256];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(s->rk, text, sizeof text);

    if (code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
        return err_set(err, FATAL,
                       "another process has taken our place in the group: INSTANCE_ID "
                       "must be unlike its siblings'");
    return err_set(err, FATAL, "Kafka consumer: %s: %s", rd_kafka_err2name(code), text);
}

/* An error that came in a message's place. */
static enum result consume_error(struct kafka_source *s, const rd_kafka_message_t *m,
                                 struct err *err)
{
    switch (m->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        if (s->events.ended)
            s->events.ended(s->events.ctx, m);
        return OK;
    case RD_KAFKA_RESP_ERR__FATAL:
        return fatal_error(s, err);
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        return err_set(err, REJECT, "Kafka has no such offset any more: %s",
                       rd_kafka_message_errstr(m));
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        return err_set(err, REJECT, "the topic is gone: %s", rd_kafka_message_errstr(m));
    default:
        return err_set(err, RETRY, "Kafka consumer: %s", rd_kafka_message_errstr(m));
    }
}

enum result kafka_source_poll(struct kafka_source *s, int timeout_ms, rd_kafka_message_t **ret,
                              struct err *err)
{
    rd_kafka_message_t *m;
    enum result result = OK;

    if (s->pending) {
        result = try_assign(s, err);
        if (result != OK && result != RETRY)
            return result;
        if (result == RETRY && timeout_ms > RETRY_MS) /* meanwhile the group's calls are served */
            timeout_ms = RETRY_MS;
    }
    m = rd_kafka_consumer_poll(s->rk, timeout_ms);
    if (s->failure != OK) {
        *err = s->failure_text;
        result = s->failure;
        s->failure = OK;
    }
    if (m && m->err) {
        enum result error = consume_error(s, m, err);

        result = error == OK ? result : error;
        rd_kafka_message_destroy(TAKE(m));
    }
    if (m && result != OK) { /* cannot happen: records come only after a successful assign */
        rd_kafka_message_destroy(m);
        m = NULL;
        result = err_set(err, FATAL, "a record arrived while partitions were being assigned");
    }
    if (result == OK)
        *ret = m;
    return result;
}

rd_kafka_t *kafka_source_handle(struct kafka_source *s)
{
    return s->rk;
}
