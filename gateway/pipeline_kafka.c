/* SPDX-License-Identifier: MIT */
#include "gateway/pipeline_kafka.h"

#include "common/clock.h"
#include "common/err.h"
#include "common/kafka_conf.h"
#include "common/mem.h"

#include <pthread.h>
#include <stdlib.h>

enum { FRESH_MS = 1000, ASK_MS = 1500, WHY_MAX = 160 };

struct pipeline_kafka {
    const struct settings *settings;
    pthread_mutex_t mutex; /* of all that follows */
    rd_kafka_t *client;    /* NULL: not made yet */
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

static void note_offset(struct pipeline_kafka *k, const char *group,
                        const rd_kafka_topic_partition_t *p)
{
    char name[256];

    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++) {
        enum topic topic = pipeline_stage_topic(s);

        kafka_topic_name(k->settings, topic, name);
        if (!pipeline_stage_group(s) || strcmp(pipeline_stage_group(s), group) != 0 ||
            strcmp(p->topic, name) != 0 || p->partition < 0 ||
            (size_t)p->partition >= pipeline_view_partitions(&k->seen, topic))
            continue;
        if (!p->err)
            k->seen.next[s][p->partition] = p->offset >= 0 ? p->offset : PIPELINE_NONE;
    }
}

/* A partition that a group has committed nothing for is not in its list. */
static void fill(struct pipeline_kafka *k, const char *group, int64_t with)
{
    for (enum pipeline_stage s = 0; s < STAGE_COUNT; s++)
        if (pipeline_stage_group(s) && strcmp(pipeline_stage_group(s), group) == 0)
            for (size_t i = 0; i < pipeline_view_partitions(&k->seen, pipeline_stage_topic(s)); i++)
                k->seen.next[s][i] = with;
}

static const char *note_answer(struct pipeline_kafka *k, const char *group, rd_kafka_event_t *event)
{
    const rd_kafka_group_result_t **groups;
    const rd_kafka_topic_partition_list_t *offsets;
    const rd_kafka_error_t *error;
    size_t count = 0;

    if (!event)
        return "no answer in time";
    if (rd_kafka_event_error(event))
        return rd_kafka_err2str(rd_kafka_event_error(event));
    groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
    if (count != 1)
        return "no such group";
    error = rd_kafka_group_result_error(groups[0]);
    if (error)
        return rd_kafka_err2str(rd_kafka_error_code(error));
    fill(k, group, PIPELINE_NONE);
    offsets = rd_kafka_group_result_partitions(groups[0]);
    for (int i = 0; offsets && i < offsets->cnt; i++)
        note_offset(k, group, &offsets->elems[i]);
    return NULL;
}

static void ask_group(struct pipeline_kafka *k, const char *group)
{
    char name[300], why[WHY_MAX];
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(k->client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(k->client);
    rd_kafka_ListConsumerGroupOffsets_t *request;
    rd_kafka_event_t *event;
    const char *trouble;

    snprintf(name, sizeof name, "%s%s", k->settings->kafka_topic, group);
    fill(k, group, PIPELINE_UNKNOWN);
    rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, why, sizeof why);
    request = rd_kafka_ListConsumerGroupOffsets_new(name, NULL);
    rd_kafka_ListConsumerGroupOffsets(k->client, &request, 1, options, queue);
    event = rd_kafka_queue_poll(queue, 2 * ASK_MS);
    trouble = note_answer(k, group, event);
    if (trouble) {
        snprintf(why, sizeof why, "%s", trouble);
        pipeline_view_miss(&k->seen, name, why);
    }
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
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
    ask_group(k, "-processor");
    if (k->seen.unknown.len == 0) { /* else a broker that is away is waited for once, not thrice */
        ask_group(k, "-indexer");
        ask_group(k, "-rejects");
    }
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
