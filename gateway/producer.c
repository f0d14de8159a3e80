/* SPDX-License-Identifier: MIT */
#include "gateway/producer.h"

#include "common/clock.h"
#include "common/kafka_conf.h"
#include "common/kafka_topics.h"
#include "common/mem.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { HEADERS_MAX = 8 };

struct producer {
    struct producer_events events;
    int wake_fd;
    bool broken;
    rd_kafka_t *kafka;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
};

/* A record must outlive the client's wait, for a late report is better than a lost one, but not by
 * much: during an outage the queue then holds only what clients still hope for. */
static enum result own_settings(const struct settings *settings, rd_kafka_conf_t *conf,
                                struct err *err)
{
    char linger[24], give_up[24];
    snprintf(linger, sizeof linger, "%lld", (long long)settings->linger_ms);
    snprintf(give_up, sizeof give_up, "%lld", (long long)settings->ack_timeout_ms + 5000);
    enum result result = kafka_conf_set(conf, "linger.ms", linger, err);
    return result == OK ? kafka_conf_set(conf, "message.timeout.ms", give_up, err) : result;
}

static enum result open_kafka(struct producer *p, const struct settings *settings, struct err *err)
{
    rd_kafka_conf_t *conf;
    enum result result = kafka_conf_producer(settings, &conf, err);
    if (result != OK)
        return result;
    result = own_settings(settings, conf, err);
    if (result != OK) {
        rd_kafka_conf_destroy(conf);
        return result;
    }
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    char why[256];
    p->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!p->kafka) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, FATAL, "no Kafka producer: %s", why);
    }
    return OK;
}

enum result producer_new(const struct settings *settings, const struct producer_events *events,
                         struct producer **ret, struct err *err)
{
    AUTO(producer) p = mem_zalloc(sizeof *p);
    p->events = *events;
    p->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (p->wake_fd < 0)
        return err_set(err, FATAL, "no eventfd: %s", strerror(errno));
    enum result result = open_kafka(p, settings, err);
    if (result != OK)
        return result;

    char topic[256];
    kafka_topic_name(settings, TOPIC_RAW, topic);
    p->topic = rd_kafka_topic_new(p->kafka, topic, NULL);
    if (!p->topic)
        return err_set(err, FATAL, "topic %s: %s", topic, rd_kafka_err2str(rd_kafka_last_error()));
    p->queue = rd_kafka_queue_get_main(p->kafka);
    static const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(p->queue, p->wake_fd, &one, sizeof one);
    *ret = TAKE(p);
    return OK;
}

void producer_free(struct producer *p)
{
    if (!p)
        return;
    if (p->queue) {
        rd_kafka_purge(p->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        producer_flush(p, 1000);
        rd_kafka_queue_io_event_enable(p->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(p->queue);
    }
    if (p->topic)
        rd_kafka_topic_destroy(p->topic);
    if (p->kafka)
        rd_kafka_destroy(p->kafka);
    if (p->wake_fd >= 0)
        close(p->wake_fd);
    free(p);
}

static enum result send_error(struct producer *p, rd_kafka_error_t *error, struct err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    enum result result = code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? REJECT : RETRY;
    if (rd_kafka_error_is_fatal(error) || code == RD_KAFKA_RESP_ERR__FATAL || p->broken)
        result = FATAL;
    err_set(err, result, "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return result;
}

enum result producer_send(struct producer *p, const struct producer_record *record, void *opaque,
                          struct err *err)
{
    rd_kafka_vu_t v[6 + HEADERS_MAX] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = p->topic},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)record->value.data, record->value.len}},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)record->key.data, record->key.len}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = opaque},
    };
    size_t count = 5;
    for (size_t i = 0; i < record->header_count && i < HEADERS_MAX; i++) {
        const struct producer_header *h = &record->headers[i];
        v[count].vtype = RD_KAFKA_VTYPE_HEADER;
        v[count].u.header.name = h->name;
        v[count].u.header.val = h->value.data;
        v[count++].u.header.size = (ssize_t)h->value.len;
    }
    rd_kafka_error_t *error = rd_kafka_produceva(p->kafka, v, count);
    return error ? send_error(p, error, err) : OK;
}

int producer_fd(const struct producer *p)
{
    return p->wake_fd;
}

static void report_all(struct producer *p, rd_kafka_event_t *event)
{
    const rd_kafka_message_t *message;
    while ((message = rd_kafka_event_message_next(event)))
        p->events.reported(message->_private, message->err ? rd_kafka_err2str(message->err) : NULL);
}

/* Other errors (a broker away) pass by themselves; the probe tells of them. */
static void on_error(struct producer *p)
{
    char why[256];
    if (p->broken || !rd_kafka_fatal_error(p->kafka, why, sizeof why))
        return;
    p->broken = true;
    p->events.broken(p->events.ctx, why);
}

/* The descriptor wakes only when the queue turns from empty to not, so empty it. */
static void poll_for(struct producer *p, int timeout_ms)
{
    rd_kafka_event_t *event;
    for (; (event = rd_kafka_queue_poll(p->queue, timeout_ms)); timeout_ms = 0) {
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
            report_all(p, event);
        else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
            on_error(p);
        rd_kafka_event_destroy(event);
    }
}

void producer_poll(struct producer *p)
{
    uint64_t wakes;
    ssize_t got = read(p->wake_fd, &wakes, sizeof wakes);
    (void)got; /* nothing to read is no reason not to look */
    poll_for(p, 0);
}

size_t producer_pending(const struct producer *p)
{
    return (size_t)rd_kafka_outq_len(p->kafka);
}

bool producer_flush(struct producer *p, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    /* With reports as events rd_kafka_flush only waits; they must be taken meanwhile. */
    while (rd_kafka_outq_len(p->kafka) > 0 && clock_mono_ms() < deadline_ms) {
        rd_kafka_flush(p->kafka, 0);
        poll_for(p, 10);
    }
    poll_for(p, 0);
    return rd_kafka_outq_len(p->kafka) == 0;
}

enum result producer_probe(struct producer *p, int timeout_ms, struct err *err)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(p->kafka, 0, p->topic, &metadata, timeout_ms);
    if (code)
        return err_set(err, RETRY, "Kafka does not answer: %s", rd_kafka_err2str(code));
    enum result result = OK;
    const struct rd_kafka_metadata_topic *topic = metadata->topics;
    if (metadata->topic_cnt != 1 || topic->err || topic->partition_cnt == 0)
        result = err_set(err, RETRY, "the topic %s is not there", rd_kafka_topic_name(p->topic));
    for (int i = 0; result == OK && i < topic->partition_cnt; i++)
        if (topic->partitions[i].leader < 0)
            result = err_set(err, RETRY, "partition %d of %s has no leader", i,
                             rd_kafka_topic_name(p->topic));
    rd_kafka_metadata_destroy(metadata);
    return result;
}
