/* SPDX-License-Identifier: MIT */
#include "indexer/raw_sender.h"

#include "common/clock.h"
#include "common/kafka_producer.h"
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
    enum result result =
        kafka_producer_new(settings, MESSAGE_TIMEOUT_MS, delivered, s, &s->producer, err);

    if (result != OK)
        return result;
    kafka_topic_name(settings, TOPIC_RAW, s->topic);
    *ret = TAKE(s);
    return OK;
}

void raw_sender_free(struct raw_sender *s)
{
    if (s)
        kafka_producer_free(s->producer);
    free(s);
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
    rd_kafka_resp_err_t code =
        kafka_producer_send(s->producer, s->topic, RD_KAFKA_PARTITION_UA, key, value, headers);

    if (code)
        return failed(code, err);
    s->sent++;
    while (s->reported < s->sent && clock_mono_ms() < until)
        rd_kafka_poll(s->producer, 100);
    if (s->reported < s->sent)
        return err_set(err, RETRY, "replay: not acknowledged within %d ms", WAIT_MS);
    return s->outcome ? failed(s->outcome, err) : OK;
}
