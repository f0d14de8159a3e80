/* SPDX-License-Identifier: MIT */
#include "indexer/dead_letters.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/kafka_producer.h"
#include "common/kafka_topics.h"
#include "common/mem.h"

#include <stdlib.h>

/* Less than Kafka's patience for a transaction, more than a leader election takes. */
#define MESSAGE_TIMEOUT_MS "10000"

enum { ASK_MS = 2000, FLUSH_MS = 12000, KEPT_BYTES = 64 * 1024, KEPT_KEY_BYTES = 1024 };

struct dead_letters {
    rd_kafka_t *producer;
    rd_kafka_topic_t *topic;
    size_t waiting, failed;
    size_t limit; /* the broker took no value longer than this */
    struct err failure;
};

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *m, void *opaque)
{
    struct dead_letters *d = opaque;

    (void)producer;
    d->waiting--;
    if (!m->err)
        return;
    if (m->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && m->len <= d->limit && m->len > 0)
        d->limit = m->len - 1;
    d->failed++;
    err_set(&d->failure, RETRY, "dead letter: %s", rd_kafka_err2str(m->err));
}

enum result dead_letters_new(const struct settings *settings, struct dead_letters **ret,
                             struct err *err)
{
    AUTO(dead_letters) d = mem_zalloc(sizeof *d);
    enum result result =
        kafka_producer_new(settings, MESSAGE_TIMEOUT_MS, delivered, d, &d->producer, err);
    char topic[256];

    if (result != OK)
        return result;
    d->limit = SIZE_MAX;
    kafka_topic_name(settings, TOPIC_DLQ, topic);
    d->topic = rd_kafka_topic_new(d->producer, topic, NULL);
    *ret = TAKE(d);
    return OK;
}

void dead_letters_free(struct dead_letters *d)
{
    if (!d)
        return;
    if (d->topic)
        rd_kafka_topic_destroy(d->topic);
    kafka_producer_free(d->producer);
    free(d);
}

static void add_text(rd_kafka_headers_t *headers, const char *name, struct slice value)
{
    rd_kafka_header_add(headers, name, -1, value.data, (ssize_t)value.len);
}

static void add_number(rd_kafka_headers_t *headers, const char *name, int64_t value)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", (long long)value);

    add_text(headers, name, (struct slice){text, (size_t)len});
}

static rd_kafka_headers_t *make_headers(const struct dead_letter *letter, bool truncated)
{
    const char *colon = strstr(letter->why, ": ");
    size_t reason_len = colon ? (size_t)(colon - letter->why) : strlen(letter->why);
    rd_kafka_headers_t *headers = letter->headers && !truncated
                                      ? rd_kafka_headers_copy(letter->headers)
                                      : rd_kafka_headers_new(8);

    add_text(headers, "als.error.stage", slice_of("indexer"));
    add_text(headers, "als.error.reason", (struct slice){letter->why, reason_len});
    if (colon)
        add_text(headers, "als.error.detail", slice_of(colon + 2));
    add_text(headers, "als.error.topic", slice_of(letter->topic));
    add_number(headers, "als.error.partition", letter->partition);
    add_number(headers, "als.error.offset", letter->offset);
    if (truncated)
        add_text(headers, "als.error.truncated", slice_of("true"));
    return headers;
}

static struct slice cut(struct slice s, size_t max)
{
    return (struct slice){s.data, s.len < max ? s.len : max};
}

static rd_kafka_resp_err_t produce(struct dead_letters *d, const struct dead_letter *letter,
                                   bool truncated)
{
    struct slice key = truncated ? cut(letter->key, KEPT_KEY_BYTES) : letter->key;
    struct slice value = truncated ? cut(letter->value, KEPT_BYTES) : letter->value;

    return kafka_producer_send(d->producer, rd_kafka_topic_name(d->topic), 0, key, value,
                               make_headers(letter, truncated));
}

/* librdkafka 2.0.2 frees the headers twice when the partition does not exist (#4627), so nothing
 * is produced before the topic has been seen. */
static enum result see_topic(struct dead_letters *d, struct err *err)
{
    const struct rd_kafka_metadata *seen;
    rd_kafka_resp_err_t code = rd_kafka_metadata(d->producer, 0, d->topic, &seen, ASK_MS);
    bool there;

    if (code)
        return err_set(err, RETRY, "dead letter: %s", rd_kafka_err2str(code));
    there = seen->topic_cnt == 1 && seen->topics[0].partition_cnt > 0;
    rd_kafka_metadata_destroy(seen);
    return there ? OK : err_set(err, RETRY, "dead letter: there is no topic for it");
}

enum result dead_letters_add(struct dead_letters *d, const struct dead_letter *letter,
                             struct err *err)
{
    bool truncated = letter->value.len > d->limit;
    rd_kafka_resp_err_t code;

    if (d->waiting == 0 && see_topic(d, err) != OK)
        return RETRY;
    code = produce(d, letter, truncated);
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && !truncated)
        code = produce(d, letter, true);
    if (code)
        return err_set(err, code == RD_KAFKA_RESP_ERR__FATAL ? FATAL : RETRY, "dead letter: %s",
                       rd_kafka_err2str(code));
    d->waiting++;
    return OK;
}

/* What is given up here may be written all the same, and is written again later: allowed. */
static void give_up(struct dead_letters *d)
{
    rd_kafka_purge(d->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (d->waiting > 0 && rd_kafka_poll(d->producer, 100) > 0)
        ;
    d->waiting = 0;
}

enum result dead_letters_flush(struct dead_letters *d, struct err *err)
{
    int64_t until = clock_mono_ms() + FLUSH_MS;
    char text[256];
    size_t failed;

    while (d->waiting > 0 && clock_mono_ms() < until)
        rd_kafka_poll(d->producer, 100);
    if (rd_kafka_fatal_error(d->producer, text, sizeof text))
        return err_set(err, FATAL, "dead letter: %s", text);
    if (d->waiting > 0) {
        give_up(d);
        err_set(&d->failure, RETRY, "dead letter: not acknowledged within %d ms", FLUSH_MS);
        d->failed++;
    }
    failed = d->failed;
    d->failed = 0;
    if (failed == 0)
        return OK;
    *err = d->failure;
    return RETRY;
}
