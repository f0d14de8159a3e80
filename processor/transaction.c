/* SPDX-License-Identifier: MIT */
#include "processor/transaction.h"

#include "common/clock.h"
#include "common/kafka_conf.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TIMEOUT_MS = 5000, /* after which the broker aborts, so that readers go on */
    INIT_MS = 10000,
    COMMIT_MS = 6000, /* a little more than the broker waits: after that it is lost anyway */
    QUEUE_FULL_MS = 5000,
    REFUSED_MAX = 64,
};

struct transaction {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topics[TOPIC_COUNT];
    struct metric *seconds, *committed, *failed;
    bool is_open;
    int64_t begun_us;
    size_t bytes;
    size_t refused_count;
    struct refused_output refused[REFUSED_MAX];
};

/* Where a record came from, carried through librdkafka as its opaque pointer: 16 bits of
 * partition + 1, 47 of offset, one of dead letter. */
static void *pack_origin(const struct outgoing *out)
{
    uint64_t packed = (uint64_t)(uint16_t)(out->from_partition + 1) << 48 |
                      ((uint64_t)out->from_offset & (UINT64_MAX >> 17)) << 1 |
                      (out->topic == TOPIC_DLQ);

    return (void *)(uintptr_t)packed; // NOLINT(performance-no-int-to-ptr)
}

static struct refused_output unpack_origin(const void *opaque)
{
    uint64_t packed = (uint64_t)(uintptr_t)opaque;

    return (struct refused_output){
        .partition = (int32_t)(packed >> 48) - 1,
        .offset = (int64_t)(packed >> 1 & (UINT64_MAX >> 17)),
        .dead_letter = packed & 1,
    };
}

/* Only failures are reported (delivery.report.only.error). */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    struct transaction *t = opaque;
    struct refused_output refused = unpack_origin(m->_private);

    (void)rk;
    if (m->err != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE &&
        m->err != RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE &&
        m->err != RD_KAFKA_RESP_ERR_INVALID_MSG && m->err != RD_KAFKA_RESP_ERR_INVALID_RECORD)
        return;
    if (refused.partition >= 0 && t->refused_count < REFUSED_MAX)
        t->refused[t->refused_count++] = refused;
}

static enum result configure(const struct settings *settings, struct transaction *t,
                             rd_kafka_conf_t *conf, struct err *err)
{
    char id[512], timeout[16];
    const char *const pairs[][2] = {
        {"transactional.id", id},
        {"transaction.timeout.ms", timeout},
        {"message.timeout.ms", timeout},
        {"delivery.report.only.error", "true"},
        {"linger.ms", "20"}, /* a commit sends what is left at once */
    };
    enum result result = OK;

    snprintf(id, sizeof id, "%s-processor-%s", settings->kafka_topic, settings->instance_id);
    snprintf(timeout, sizeof timeout, "%d", TIMEOUT_MS);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] && result == OK; i++)
        result = kafka_conf_set(conf, pairs[i][0], pairs[i][1], err);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, t);
    return result;
}

static enum result create_producer(const struct settings *settings, struct transaction *t,
                                   struct err *err)
{
    rd_kafka_conf_t *conf;
    char text[256];
    enum result result = kafka_conf_producer(settings, &conf, err);

    if (result != OK)
        return result;
    result = configure(settings, t, conf, err);
    if (result == OK)
        t->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (t->rk)
        return OK;
    rd_kafka_conf_destroy(conf);
    return result != OK ? result : err_set(err, FATAL, "Kafka producer: %s", text);
}

static void add_metrics(struct transaction *t, struct metrics *metrics)
{
    static const double bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5};

    t->seconds = metrics_histogram(metrics, "als_transaction_seconds",
                                   "From the first record of a transaction to its commit.", NULL,
                                   bounds, sizeof bounds / sizeof bounds[0]);
    t->committed = metrics_counter(metrics, "als_transactions_total",
                                   "Transactions, by how they ended.", "outcome=\"committed\"");
    t->failed = metrics_counter(metrics, "als_transactions_total",
                                "Transactions, by how they ended.", "outcome=\"failed\"");
}

/* RETRY whatever librdkafka says: the cure is another producer, and the caller has it. */
static enum result fail(struct err *err, rd_kafka_error_t *error, const char *what)
{
    err_set(err, RETRY, "%s: %s", what, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return RETRY;
}

enum result transaction_new(const struct settings *settings, struct metrics *metrics,
                            struct transaction **ret, struct err *err)
{
    AUTO(transaction) t = mem_zalloc(sizeof *t);
    rd_kafka_error_t *error;
    char name[256];
    enum result result = create_producer(settings, t, err);

    if (result != OK)
        return result;
    add_metrics(t, metrics);
    for (int i = 0; i < TOPIC_COUNT; i++) {
        kafka_topic_name(settings, (enum topic)i, name);
        t->topics[i] = rd_kafka_topic_new(t->rk, name, NULL);
    }
    error = rd_kafka_init_transactions(t->rk, INIT_MS);
    if (error)
        return fail(err, error, "no transactional producer yet");
    *ret = TAKE(t);
    return OK;
}

void transaction_free(struct transaction *t)
{
    if (!t)
        return;
    for (int i = 0; i < TOPIC_COUNT; i++) {
        if (t->topics[i])
            rd_kafka_topic_destroy(t->topics[i]);
    }
    if (t->rk) {
        rd_kafka_purge(t->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(t->rk);
    }
    free(t);
}

enum result transaction_begin(struct transaction *t, struct err *err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(t->rk);

    if (error)
        return fail(err, error, "a transaction cannot begin");
    t->is_open = true;
    t->begun_us = clock_mono_us();
    t->bytes = 0;
    return OK;
}

static rd_kafka_error_t *produce(struct transaction *t, const struct outgoing *out)
{
    rd_kafka_vu_t args[8] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = t->topics[out->topic]},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = out->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = out->timestamp_ms},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)out->key.data, out->key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)out->value.data, out->value.len}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = pack_origin(out)},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = out->headers},
    };

    return rd_kafka_produceva(t->rk, args, out->headers ? 8 : 7);
}

enum result transaction_send(struct transaction *t, const struct outgoing *out, struct err *err)
{
    rd_kafka_error_t *error = produce(t, out);
    /* The clock is looked at for a full queue alone: this runs for each record. */
    int64_t deadline_ms = error ? clock_mono_ms() + QUEUE_FULL_MS : 0;

    while (error && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL &&
           clock_mono_ms() < deadline_ms) {
        rd_kafka_error_destroy(error);
        rd_kafka_poll(t->rk, 10);
        error = produce(t, out);
    }
    if (!error) {
        t->bytes += out->key.len + out->value.len;
        return OK;
    }
    if (out->headers)
        rd_kafka_headers_destroy(out->headers);
    if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        rd_kafka_error_destroy(error);
        return err_set(err, REJECT, "%zu bytes are too large for Kafka", out->value.len);
    }
    return fail(err, error, "a record cannot be sent");
}

static enum result commit(struct transaction *t, rd_kafka_t *consumer,
                          const rd_kafka_topic_partition_list_t *offsets, struct err *err)
{
    rd_kafka_consumer_group_metadata_t *member = rd_kafka_consumer_group_metadata(consumer);
    int64_t deadline_ms = clock_mono_ms() + COMMIT_MS, left_ms;
    rd_kafka_error_t *error;

    if (!member)
        return err_set(err, RETRY, "we are in no group");
    error = rd_kafka_send_offsets_to_transaction(t->rk, offsets, member, COMMIT_MS);
    rd_kafka_consumer_group_metadata_destroy(member);
    if (error)
        return fail(err, error, "offsets are not taken into the transaction");
    left_ms = deadline_ms - clock_mono_ms();
    error = rd_kafka_commit_transaction(t->rk, left_ms > 1 ? (int)left_ms : 1);
    return error ? fail(err, error, "a transaction is not committed") : OK;
}

enum result transaction_commit(struct transaction *t, rd_kafka_t *consumer,
                               const rd_kafka_topic_partition_list_t *offsets, struct err *err)
{
    enum result result = commit(t, consumer, offsets, err);

    if (result != OK) {
        rd_kafka_poll(t->rk, 0); /* the last delivery reports, for transaction_refused */
        metric_add(t->failed, 1);
        return result;
    }
    t->is_open = false;
    metric_add(t->committed, 1);
    metric_observe(t->seconds, (double)(clock_mono_us() - t->begun_us) / 1e6);
    return OK;
}

bool transaction_is_open(const struct transaction *t)
{
    return t->is_open;
}

int64_t transaction_age_ms(const struct transaction *t)
{
    return (clock_mono_us() - t->begun_us) / 1000;
}

size_t transaction_bytes(const struct transaction *t)
{
    return t->bytes;
}

bool transaction_refused(const struct transaction *t, size_t nth, struct refused_output *ret)
{
    if (nth >= t->refused_count)
        return false;
    *ret = t->refused[nth];
    return true;
}
