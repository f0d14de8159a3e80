/* SPDX-License-Identifier: MIT */
#include "gateway/rule_wait.h"

#include "common/kafka_conf.h"
#include "common/kafka_topics.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { ASK_MS = 2000 };

struct rule_wait {
    const struct settings *settings;
    struct redis_pool *redis;
    rd_kafka_t *kafka; /* asks in the indexers' name, and is no member of their group */
    char topic[256];
};

struct rule_wait *rule_wait_new(const struct settings *settings, struct redis_pool *redis)
{
    struct rule_wait *w = mem_zalloc(sizeof *w);

    w->settings = settings;
    w->redis = redis;
    kafka_topic_name(settings, TOPIC_ENRICHED, w->topic);
    return w;
}

void rule_wait_free(struct rule_wait *w)
{
    if (!w)
        return;
    if (w->kafka)
        rd_kafka_destroy(w->kafka);
    free(w);
}

static enum result connect_kafka(struct rule_wait *w, struct err *err)
{
    rd_kafka_conf_t *conf;
    char group[300];
    enum result result;

    if (w->kafka)
        return OK;
    snprintf(group, sizeof group, "%s-indexer", w->settings->kafka_topic);
    result = kafka_conf_consumer(w->settings, group, false, &conf, err);
    if (result != OK)
        return result;
    w->kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err->text, sizeof err->text);
    if (!w->kafka)
        rd_kafka_conf_destroy(conf);
    return w->kafka ? OK : RETRY;
}

static enum result end_of(struct rule_wait *w, int32_t partition, int64_t *ret, struct err *err)
{
    int64_t low;
    rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(w->kafka, w->topic, partition, &low, ret, ASK_MS);

    return code ? err_set(err, RETRY, "the topic's end is not known: %s", rd_kafka_err2str(code))
                : OK;
}

enum result rule_wait_ends(struct rule_wait *w, bson_t *out, struct err *err)
{
    enum result result = connect_kafka(w, err);
    bson_t list;

    BSON_APPEND_ARRAY_BEGIN(out, "ends", &list);
    for (int32_t i = 0; i < w->settings->partitions && result == OK; i++) {
        char text[16];
        const char *key;
        size_t len = bson_uint32_to_string((uint32_t)i, &key, text, sizeof text);
        int64_t end = 0;

        result = end_of(w, i, &end, err);
        bson_append_int64(&list, key, (int)len, end);
    }
    bson_append_array_end(out, &list);
    return result;
}

/* Has the group committed what lay before `end`? A topic that was made again, and so is shorter, is
 * passed at its own end. */
static enum result is_past(struct rule_wait *w, const rd_kafka_topic_partition_t *p, int64_t end,
                           bool *ret, struct err *err)
{
    int64_t committed = p->offset < 0 ? 0 : p->offset, now = end;
    enum result result = OK;

    if (p->err)
        return err_set(err, RETRY, "committed offsets: %s", rd_kafka_err2str(p->err));
    *ret = committed >= end;
    if (!*ret)
        result = end_of(w, p->partition, &now, err);
    *ret = committed >= (now < end ? now : end);
    return result;
}

static rd_kafka_topic_partition_list_t *partitions_of(const struct rule_wait *w)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)w->settings->partitions);

    for (int32_t i = 0; i < w->settings->partitions; i++)
        rd_kafka_topic_partition_list_add(list, w->topic, i);
    return list;
}

static enum result indexers_passed(struct rule_wait *w, const bson_t *rule, bool *ret,
                                   struct err *err)
{
    rd_kafka_topic_partition_list_t *list = partitions_of(w);
    rd_kafka_resp_err_t code = rd_kafka_committed(w->kafka, list, ASK_MS);
    bson_iter_t it, ends;
    enum result result = OK;

    if (code)
        result = err_set(err, RETRY, "committed offsets: %s", rd_kafka_err2str(code));
    *ret = true;
    if (bson_iter_init_find(&it, rule, "ends") && bson_iter_recurse(&it, &ends))
        for (int i = 0; i < list->cnt && result == OK && *ret && bson_iter_next(&ends); i++)
            result = is_past(w, &list->elems[i], bson_iter_as_int64(&ends), ret, err);
    rd_kafka_topic_partition_list_destroy(list);
    return result;
}

/* A Redis without counters has nobody in its rankings. */
static enum result counters_passed(struct rule_wait *w, int64_t version, bool *ret, struct err *err)
{
    const struct slice exists[] = {slice_of("EXISTS"), slice_of("{als}:position")};
    const struct slice rules[] = {slice_of("HGET"), slice_of("{als}:position"), slice_of("rules")};
    redisReply *reply;
    enum result result = redis_pool_ask(w->redis, exists, 2, &reply, err);

    if (result != OK)
        return result;
    *ret = reply->type == REDIS_REPLY_INTEGER && reply->integer == 0;
    freeReplyObject(reply);
    if (*ret)
        return OK;
    result = redis_pool_ask(w->redis, rules, 3, &reply, err);
    if (result != OK)
        return result;
    *ret = reply->type == REDIS_REPLY_STRING && strtoll(reply->str, NULL, 10) >= version;
    freeReplyObject(reply);
    return OK;
}

enum result rule_wait_passed(struct rule_wait *w, const bson_t *rule, bool *ret_passed,
                             struct err *err)
{
    enum result result = connect_kafka(w, err);

    if (result == OK)
        result = indexers_passed(w, rule, ret_passed, err);
    if (result == OK && *ret_passed && slice_is(rule_document_text(rule, "kind"), "erasure"))
        result = counters_passed(w, rule_document_number(rule, "version"), ret_passed, err);
    return result;
}
