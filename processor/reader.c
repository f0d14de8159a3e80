/* SPDX-License-Identifier: MIT */
#include "processor/reader.h"

#include "common/kafka_conf.h"
#include "common/mem.h"
#include "processor/consumer_memory.h"

#include <stdio.h>
#include <stdlib.h>

struct reader {
    rd_kafka_t *rk;
    struct consumer_waker waker;
};

static enum result configure(const struct settings *settings, enum reader_view view,
                             rd_kafka_conf_t **ret, struct err *err)
{
    char group[512];
    enum result result;

    /* librdkafka wants a group to assign anything; nobody joins this one, nothing is committed. */
    snprintf(group, sizeof group, "%s-processor-reader", settings->kafka_topic);
    result = kafka_conf_consumer(settings, group, false, ret, err);
    if (result != OK)
        return result;
    result = kafka_conf_set(*ret, "enable.partition.eof", "true", err);
    if (result == OK)
        result =
            kafka_conf_set(*ret, "isolation.level",
                           view == READ_COMMITTED ? "read_committed" : "read_uncommitted", err);
    if (result == OK)
        result = consumer_memory_limit(*ret, err);
    if (result != OK)
        rd_kafka_conf_destroy(*ret);
    return result;
}

enum result reader_new(const struct settings *settings, enum reader_view view, struct reader **ret,
                       struct err *err)
{
    AUTO(reader) r = mem_zalloc(sizeof *r);
    rd_kafka_conf_t *conf;
    char text[256];
    enum result result = configure(settings, view, &conf, err);

    if (result != OK)
        return result;
    r->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    if (!r->rk) {
        rd_kafka_conf_destroy(conf);
        return err_set(err, FATAL, "Kafka reader: %s", text);
    }
    rd_kafka_poll_set_consumer(r->rk);
    *ret = TAKE(r);
    return OK;
}

void reader_free(struct reader *r)
{
    if (!r)
        return;
    if (r->rk) {
        rd_kafka_consumer_close(r->rk);
        rd_kafka_destroy(r->rk);
    }
    free(r);
}

enum result reader_bounds(struct reader *r, const char *topic, int32_t partition, int64_t *ret_low,
                          int64_t *ret_high, struct err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(r->rk, topic, partition, ret_low,
                                                                ret_high, READER_ANSWER_MS);

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return OK;
    return err_set(err, RETRY, "Kafka does not say where %s:%d begins and ends: %s", topic,
                   partition, rd_kafka_err2str(code));
}

enum result reader_times(struct reader *r, rd_kafka_topic_partition_list_t *places, struct err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(r->rk, places, READER_ANSWER_MS);

    for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < places->cnt; i++)
        code = places->elems[i].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return OK;
    return err_set(err, RETRY, "Kafka does not find offsets by time: %s", rd_kafka_err2str(code));
}

enum result reader_start(struct reader *r, const rd_kafka_topic_partition_list_t *places,
                         struct err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_assign(r->rk, places);

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return OK;
    return err_set(err, RETRY, "a read cannot begin: %s", rd_kafka_err2str(code));
}

rd_kafka_message_t *reader_poll(struct reader *r, int timeout_ms)
{
    rd_kafka_message_t *m = rd_kafka_consumer_poll(r->rk, timeout_ms);

    if (!m || !m->err || m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return m;
    rd_kafka_message_destroy(m);
    return NULL;
}

bool reader_wake(struct reader *r, const char *topic, int32_t partition, int64_t next)
{
    return consumer_wake(&r->waker, r->rk, topic, partition, next);
}
