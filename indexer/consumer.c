/* SPDX-License-Identifier: MIT */
#include "indexer/consumer.h"

#include "common/kafka_conf.h"
#include "common/kafka_source.h"
#include "common/kafka_topics.h"
#include "common/mem.h"

#include <stdlib.h>

enum { COMMIT_WAIT_MS = 3000, OFFSETS_MS = 2000, PROBE_MS = 1000, LAG_MS = 100 };

struct consumer {
    struct kafka_source *source;
    struct consumer_events events;
    struct meters *meters;
    char topics[STREAM_COUNT][256];
    struct position *committed; /* of the partitions we have, as far as it is known */
    size_t committed_count, committed_cap;
    bool paused, closing;
};

/* librdkafka 2.0.2 can find the committed offsets itself, but a partition for which the group's
 * coordinator answers with an error is then never begun. Asked for here, it is asked again. */
static enum result assigned(void *ctx, rd_kafka_topic_partition_list_t *partitions, struct err *err)
{
    struct consumer *c = ctx;
    rd_kafka_resp_err_t code =
        rd_kafka_committed(kafka_source_handle(c->source), partitions, OFFSETS_MS);

    for (int i = 0; i < partitions->cnt && !code; i++) {
        rd_kafka_topic_partition_t *p = &partitions->elems[i];

        code = p->err;
        if (p->offset < 0)
            p->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    if (code)
        return err_set(err, RETRY, "committed offsets are not known yet: %s",
                       rd_kafka_err2str(code));
    return OK;
}

/* A pause belongs to the partition and not to its assignment: one that is left would still hold
 * when the partition comes back. The range assignor takes all partitions at once. */
static void revoked(void *ctx, const rd_kafka_topic_partition_list_t *partitions, bool lost)
{
    struct consumer *c = ctx;

    (void)partitions;
    if (c->closing)
        return;
    consumer_pause(c, false);
    c->events.revoked(c->events.ctx, lost);
    for (size_t i = 0; i < c->committed_count; i++)
        meters_lag(c->meters, c->committed[i].stream, c->committed[i].partition, 0);
    c->committed_count = 0;
}

static enum stream stream_of(const struct consumer *c, const rd_kafka_message_t *m)
{
    bool is_stats = strcmp(rd_kafka_topic_name(m->rkt), c->topics[STREAM_STATS]) == 0;

    return is_stats ? STREAM_STATS : STREAM_LOGS;
}

static struct position *committed_of(struct consumer *c, enum stream stream, int32_t partition)
{
    for (size_t i = 0; i < c->committed_count; i++)
        if (c->committed[i].stream == stream && c->committed[i].partition == partition)
            return &c->committed[i];
    return NULL;
}

static void ended(void *ctx, const rd_kafka_message_t *m)
{
    struct consumer *c = ctx;
    struct position end = {stream_of(c, m), m->partition, m->offset};
    const struct position *known = committed_of(c, end.stream, end.partition);

    if (!known || known->offset != end.offset)
        c->events.ended(c->events.ctx, end);
}

static bool has_property(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->kafka_property_count; i++)
        if (strcmp(settings->kafka_properties[i].name, name) == 0)
            return true;
    return false;
}

/* Inserting and merging again changes nothing, so a group without offsets begins at the earliest
 * record. Queue and fetches are small: the store takes a few MB a second, and memory has a bound
 * to keep (with fetches of 8 MiB it was 150 MB during a long catch-up, with these 64). */
static enum result make_conf(const struct settings *settings, rd_kafka_conf_t **ret,
                             struct err *err)
{
    static const struct {
        const char *name, *value;
        bool fixed; /* whatever the operator says */
    } ours[] = {
        {"auto.offset.reset", "earliest", true},
        {"enable.partition.eof", "true", true},
        {"queued.max.messages.kbytes", "16384", false},
        {"fetch.max.bytes", "1048576", false}, /* compressed: ten times that, unpacked */
        {"fetch.message.max.bytes", "131072", false},
    };
    char group[300];
    enum result result;

    snprintf(group, sizeof group, "%s-indexer", settings->kafka_topic);
    result = kafka_conf_consumer(settings, group, true, ret, err);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0] && result == OK; i++)
        if (ours[i].fixed || !has_property(settings, ours[i].name))
            result = kafka_conf_set(*ret, ours[i].name, ours[i].value, err);
    return result;
}

enum result consumer_new(const struct settings *settings, const struct consumer_events *events,
                         struct meters *meters, struct consumer **ret, struct err *err)
{
    AUTO(consumer) c = mem_zalloc(sizeof *c);
    const struct kafka_source_events mine = {
        .ctx = c, .assigned = assigned, .revoked = revoked, .ended = ended};
    const char *topics[STREAM_COUNT] = {c->topics[STREAM_LOGS], c->topics[STREAM_STATS]};
    rd_kafka_conf_t *conf = NULL;
    enum result result;

    c->events = *events;
    c->meters = meters;
    kafka_topic_name(settings, TOPIC_ENRICHED, c->topics[STREAM_LOGS]);
    kafka_topic_name(settings, TOPIC_STATS, c->topics[STREAM_STATS]);
    result = make_conf(settings, &conf, err);
    if (result == OK)
        result = kafka_source_new(&conf, topics, STREAM_COUNT, &mine, &c->source, err);
    if (conf)
        rd_kafka_conf_destroy(conf);
    if (result == OK)
        *ret = TAKE(c);
    return result;
}

void consumer_free(struct consumer *c)
{
    if (!c)
        return;
    c->closing = true;
    kafka_source_free(c->source);
    free(c->committed);
    free(c);
}

enum result consumer_poll(struct consumer *c, int timeout_ms, rd_kafka_message_t **ret,
                          struct position *ret_at, struct err *err)
{
    rd_kafka_message_t *m = NULL;
    enum result result = kafka_source_poll(c->source, timeout_ms, &m, err);

    if (result != OK)
        return result;
    if (m)
        *ret_at = (struct position){stream_of(c, m), m->partition, m->offset};
    *ret = m;
    return OK;
}

void consumer_pause(struct consumer *c, bool pause)
{
    rd_kafka_t *rk = kafka_source_handle(c->source);
    rd_kafka_topic_partition_list_t *all;

    if (c->paused == pause || rd_kafka_assignment(rk, &all))
        return;
    if (pause)
        rd_kafka_pause_partitions(rk, all);
    else
        rd_kafka_resume_partitions(rk, all);
    rd_kafka_topic_partition_list_destroy(all);
    c->paused = pause;
}

static void remember(struct consumer *c, struct position end)
{
    struct position *known = committed_of(c, end.stream, end.partition);

    if (known) {
        *known = end;
        return;
    }
    if (c->committed_count == c->committed_cap) {
        c->committed_cap = c->committed_cap ? c->committed_cap * 2 : 16;
        c->committed = mem_realloc(c->committed, c->committed_cap * sizeof *c->committed);
    }
    c->committed[c->committed_count++] = end;
}

static void commit_and_wait(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *offsets)
{
    rd_kafka_queue_t *answer = rd_kafka_queue_new(rk);

    if (!rd_kafka_commit_queue(rk, offsets, answer, NULL, NULL))
        rd_kafka_event_destroy(rd_kafka_queue_poll(answer, COMMIT_WAIT_MS));
    rd_kafka_queue_destroy(answer);
}

void consumer_commit(struct consumer *c, const struct position *ends, size_t count, bool wait)
{
    rd_kafka_t *rk = kafka_source_handle(c->source);
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new((int)count);

    for (size_t i = 0; i < count; i++) {
        rd_kafka_topic_partition_list_add(offsets, c->topics[ends[i].stream], ends[i].partition)
            ->offset = ends[i].offset;
        remember(c, ends[i]);
    }
    if (wait)
        commit_and_wait(rk, offsets);
    else
        rd_kafka_commit(rk, offsets, true);
    rd_kafka_topic_partition_list_destroy(offsets);
}

enum result consumer_probe(struct consumer *c, struct err *err)
{
    const struct rd_kafka_metadata *seen;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(kafka_source_handle(c->source), 0, NULL, &seen, PROBE_MS);

    if (code)
        return err_set(err, RETRY, "Kafka does not answer: %s", rd_kafka_err2str(code));
    rd_kafka_metadata_destroy(seen);
    return OK;
}

/* The end that the last fetch saw; a paused partition is not fetched, so there Kafka is asked. */
static bool end_of(struct consumer *c, const struct position *at, int64_t *ret)
{
    rd_kafka_t *rk = kafka_source_handle(c->source);
    const char *topic = c->topics[at->stream];
    int64_t low, high = 0;
    rd_kafka_resp_err_t code =
        c->paused ? rd_kafka_query_watermark_offsets(rk, topic, at->partition, &low, &high, LAG_MS)
                  : rd_kafka_get_watermark_offsets(rk, topic, at->partition, &low, &high);

    if (code || high < 0)
        return false;
    *ret = high;
    return true;
}

void consumer_measure_lag(struct consumer *c)
{
    for (size_t i = 0; i < c->committed_count; i++) {
        const struct position *at = &c->committed[i];
        int64_t end;

        if (end_of(c, at, &end))
            meters_lag(c->meters, at->stream, at->partition,
                       end > at->offset ? end - at->offset : 0);
    }
}
