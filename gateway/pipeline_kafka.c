/* SPDX-License-Identifier: MIT */
#include "gateway/pipeline_kafka.h"

#include "common/clock.h"
#include "common/err.h"
#include "common/kafka_conf.h"
#include "common/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { FRESH_MS = 1000, ASK_MS = 1500 };

static const char *const groups[] = {"-processor", "-indexer", "-rejects"};
enum { GROUPS = sizeof groups / sizeof groups[0] };

struct pipeline_kafka {
    const struct settings *settings;
    pthread_mutex_t mutex;         /* of all that follows */
    rd_kafka_t *client;            /* NULL: not made yet */
    rd_kafka_t *onlookers[GROUPS]; /* one a group */
    struct pipeline_view seen;
    int64_t seen_ms; /* monotonic; 0: never */
};

struct pipeline_kafka *pipeline_kafka_new(const struct settings *settings)
{
    struct pipeline_kafka *k = mem_zalloc(sizeof *k);

    k->settings = settings;
    pthread_mutex_init(&k->mutex, NULL);
    pipeline_view_init(&k->seen, (size_t)settings->partitions);
    return k;
}

void pipeline_kafka_free(struct pipeline_kafka *k)
{
    if (!k)
        return;
    if (k->client)
        rd_kafka_destroy(k->client);
    for (size_t i = 0; i < GROUPS; i++)
        if (k->onlookers[i])
            rd_kafka_destroy(k->onlookers[i]);
    pipeline_view_done(&k->seen);
    pthread_mutex_destroy(&k->mutex);
    free(k);
}

static enum result make_client(struct pipeline_kafka *k, struct err *err)
{
    rd_kafka_conf_t *conf;
    char why[256];

    if (k->client)
        return OK;
    if (kafka_conf_admin(k->settings, &conf, err) != OK)
        return RETRY;
    k->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (k->client)
        return OK;
    rd_kafka_conf_destroy(conf);
    return err_set(err, RETRY, "%s", why);
}

/* --- the topics' ends --- */

/* Kafka's own words for the first and the next offset, where a time is asked for. */
static rd_kafka_topic_partition_list_t *all_partitions(const struct pipeline_kafka *k,
                                                       int64_t which)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(32);
    char name[256];

    for (enum topic t = 0; t < TOPIC_COUNT; t++) {
        kafka_topic_name(k->settings, t, name);
        for (size_t i = 0; i < pipeline_view_partitions(&k->seen, t); i++)
            rd_kafka_topic_partition_list_add(list, name, (int32_t)i)->offset = which;
    }
    return list;
}

static rd_kafka_resp_err_t ask_bounds(struct pipeline_kafka *k, int64_t which,
                                      int64_t *const rows[TOPIC_COUNT])
{
    rd_kafka_topic_partition_list_t *list = all_partitions(k, which);
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(k->client, list, ASK_MS);
    int at = 0;

    for (enum topic t = 0; t < TOPIC_COUNT; t++)
        for (size_t i = 0; i < pipeline_view_partitions(&k->seen, t); i++, at++) {
            const rd_kafka_topic_partition_t *p = &list->elems[at];
            bool known = !code && !p->err && p->offset >= 0;

            rows[t][i] = known ? p->offset : PIPELINE_UNKNOWN;
            if (!code && p->err)
                code = p->err;
        }
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

/* --- the groups' offsets --- */

/* The partitions that the stages of a group read. */
static rd_kafka_topic_partition_list_t *partitions_of(const struct pipeline_kafka *k,
                                                      const char *group)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(32);
    char name[256];

    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++) {
        if (!pipeline_stage_group(s) || strcmp(pipeline_stage_group(s), group) != 0)
            continue;
        kafka_topic_name(k->settings, pipeline_stage_topic(s), name);
        for (size_t i = 0; i < pipeline_view_partitions(&k->seen, pipeline_stage_topic(s)); i++)
            rd_kafka_topic_partition_list_add(list, name, (int32_t)i);
    }
    return list;
}

/* In the order of partitions_of. */
static void note_offsets(struct pipeline_kafka *k, const char *group,
                         const rd_kafka_topic_partition_list_t *list)
{
    int at = 0;

    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++) {
        if (!pipeline_stage_group(s) || strcmp(pipeline_stage_group(s), group) != 0)
            continue;
        for (size_t i = 0; i < pipeline_view_partitions(&k->seen, pipeline_stage_topic(s)); i++) {
            const rd_kafka_topic_partition_t *p = &list->elems[at++];
            int64_t next = p->offset >= 0 ? p->offset : PIPELINE_NONE;
            k->seen.next[s][i] = p->err ? PIPELINE_UNKNOWN : next;
        }
    }
}

/* A client that names the group and never joins it. (rd_kafka_ListConsumerGroupOffsets would need
 * but one for all groups; in librdkafka 2.0.2 it crashes on a coordinator that is still loading.)
 */
static enum result make_onlooker(struct pipeline_kafka *k, size_t nth, const char *group,
                                 struct err *err)
{
    rd_kafka_conf_t *conf;
    char why[256];

    if (k->onlookers[nth])
        return OK;
    if (kafka_conf_consumer(k->settings, group, false, &conf, err) != OK)
        return RETRY;
    k->onlookers[nth] = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (k->onlookers[nth])
        return OK;
    rd_kafka_conf_destroy(conf);
    return err_set(err, RETRY, "%s", why);
}

static void ask_group(struct pipeline_kafka *k, size_t nth)
{
    rd_kafka_topic_partition_list_t *list = partitions_of(k, groups[nth]);
    char name[300];
    struct err err;

    snprintf(name, sizeof name, "%s%s", k->settings->kafka_topic, groups[nth]);
    enum result result = make_onlooker(k, nth, name, &err);

    if (result == OK) {
        rd_kafka_resp_err_t code = rd_kafka_committed(k->onlookers[nth], list, ASK_MS);
        if (code)
            result = err_set(&err, RETRY, "%s", rd_kafka_err2str(code));
    }
    if (result == OK)
        note_offsets(k, groups[nth], list);
    else
        pipeline_view_miss(&k->seen, name, err.text);
    rd_kafka_topic_partition_list_destroy(list);
}

/* --- all of it --- */

static void forget(struct pipeline_kafka *k)
{
    pipeline_view_done(&k->seen);
    pipeline_view_init(&k->seen, (size_t)k->settings->partitions);
}

static void look(struct pipeline_kafka *k)
{
    struct err err;
    rd_kafka_resp_err_t code;

    forget(k);
    if (make_client(k, &err) != OK) {
        pipeline_view_miss(&k->seen, "Kafka", err.text);
        return;
    }
    /* Committed offsets first: a stage that moves meanwhile must not seem to be ahead. */
    /* A broker that is away is waited for once, not thrice. */
    for (size_t i = 0; i < GROUPS && k->seen.unknown.len == 0; i++)
        ask_group(k, i);
    code = ask_bounds(k, RD_KAFKA_OFFSET_BEGINNING, k->seen.begin);
    if (!code)
        code = ask_bounds(k, RD_KAFKA_OFFSET_END, k->seen.end);
    if (code)
        pipeline_view_miss(&k->seen, "the topics' ends", rd_kafka_err2str(code));
}

static void copy_row(int64_t *to, const int64_t *from, size_t count)
{
    memcpy(to, from, count * sizeof *to);
}

void pipeline_kafka_look(struct pipeline_kafka *k, struct pipeline_view *v)
{
    pthread_mutex_lock(&k->mutex);
    if (k->seen_ms == 0 || clock_mono_ms() - k->seen_ms > FRESH_MS) {
        look(k);
        k->seen_ms = clock_mono_ms();
    }
    for (enum topic t = 0; t < TOPIC_COUNT; t++) {
        copy_row(v->begin[t], k->seen.begin[t], pipeline_view_partitions(v, t));
        copy_row(v->end[t], k->seen.end[t], pipeline_view_partitions(v, t));
    }
    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++)
        if (pipeline_stage_group(s))
            copy_row(v->next[s], k->seen.next[s],
                     pipeline_view_partitions(v, pipeline_stage_topic(s)));
    buf_add_slice(&v->unknown, buf_slice(&k->seen.unknown));
    pthread_mutex_unlock(&k->mutex);
}
