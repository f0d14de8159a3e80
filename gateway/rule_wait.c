/* SPDX-License-Identifier: MIT */
#include "gateway/rule_wait.h"

#include "common/kafka_conf.h"
#include "common/kafka_topics.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { ASK_MS = 2000 };

/* Each asks in the name of a group of the indexers, and is no member of it. */
struct onlooker {
    rd_kafka_t *kafka;
    char topic[256];
    int32_t partitions;
};

struct rule_wait {
    const struct settings *settings;
    struct redis_pool *redis;
    struct onlooker logs, rejects;
};

struct rule_wait *rule_wait_new(const struct settings *settings, struct redis_pool *redis)
{
    struct rule_wait *w = mem_zalloc(sizeof *w);

    w->settings = settings;
    w->redis = redis;
    kafka_topic_name(settings, TOPIC_ENRICHED, w->logs.topic);
    w->logs.partitions = (int32_t)settings->partitions;
    kafka_topic_name(settings, TOPIC_DLQ, w->rejects.topic);
    w->rejects.partitions = 1;
    return w;
}

void rule_wait_free(struct rule_wait *w)
{
    if (!w)
        return;
    if (w->logs.kafka)
        rd_kafka_destroy(w->logs.kafka);
    if (w->rejects.kafka)
        rd_kafka_destroy(w->rejects.kafka);
    free(w);
}

static enum result connect_one(const struct rule_wait *w, struct onlooker *o, const char *suffix,
                               struct err *err)
{
    rd_kafka_conf_t *conf;
    char group[300];
    enum result result;

    if (o->kafka)
        return OK;
    snprintf(group, sizeof group, "%s-%s", w->settings->kafka_topic, suffix);
    result = kafka_conf_consumer(w->settings, group, false, &conf, err);
    if (result != OK)
        return result;
    o->kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err->text, sizeof err->text);
    if (!o->kafka)
        rd_kafka_conf_destroy(conf);
    return o->kafka ? OK : RETRY;
}

static enum result connect_both(struct rule_wait *w, struct err *err)
{
    enum result result = connect_one(w, &w->logs, "indexer", err);

    return result == OK ? connect_one(w, &w->rejects, "rejects", err) : result;
}

static enum result end_of(const struct onlooker *o, int32_t partition, int64_t *ret,
                          struct err *err)
{
    int64_t low;
    rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(o->kafka, o->topic, partition, &low, ret, ASK_MS);

    return code ? err_set(err, RETRY, "the topic's end is not known: %s", rd_kafka_err2str(code))
                : OK;
}

static enum result append_ends(const struct onlooker *o, const char *name, bson_t *out,
                               struct err *err)
{
    enum result result = OK;
    bson_t list;

    bson_append_array_begin(out, name, -1, &list);
    for (int32_t i = 0; i < o->partitions && result == OK; i++) {
        char text[16];
        const char *key;
        size_t len = bson_uint32_to_string((uint32_t)i, &key, text, sizeof text);
        int64_t end = 0;

        result = end_of(o, i, &end, err);
        bson_append_int64(&list, key, (int)len, end);
    }
    bson_append_array_end(out, &list);
    return result;
}

enum result rule_wait_ends(struct rule_wait *w, bson_t *out, struct err *err)
{
    enum result result = connect_both(w, err);

    if (result == OK)
        result = append_ends(&w->logs, "ends", out, err);
    return result == OK ? append_ends(&w->rejects, "rejectsEnds", out, err) : result;
}

/* Has the group committed what lay before `end`? A topic that was made again, and so is shorter, is
 * passed at its own end. */
static enum result is_past(const struct onlooker *o, const rd_kafka_topic_partition_t *p,
                           int64_t end, bool *ret, struct err *err)
{
    int64_t committed = p->offset < 0 ? 0 : p->offset, now = end;
    enum result result = OK;

    if (p->err)
        return err_set(err, RETRY, "committed offsets: %s", rd_kafka_err2str(p->err));
    *ret = committed >= end;
    if (!*ret)
        result = end_of(o, p->partition, &now, err);
    *ret = committed >= (now < end ? now : end);
    return result;
}

static rd_kafka_topic_partition_list_t *partitions_of(const struct onlooker *o)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(o->partitions);

    for (int32_t i = 0; i < o->partitions; i++)
        rd_kafka_topic_partition_list_add(list, o->topic, i);
    return list;
}

static enum result group_passed(const struct onlooker *o, const char *name, const bson_t *rule,
                                bool *ret, struct err *err)
{
    rd_kafka_topic_partition_list_t *list = partitions_of(o);
    rd_kafka_resp_err_t code = rd_kafka_committed(o->kafka, list, ASK_MS);
    bson_iter_t it, ends;
    enum result result = OK;

    if (code)
        result = err_set(err, RETRY, "committed offsets: %s", rd_kafka_err2str(code));
    *ret = true;
    if (bson_iter_init_find(&it, rule, name) && bson_iter_recurse(&it, &ends))
        for (int i = 0; i < list->cnt && result == OK && *ret && bson_iter_next(&ends); i++)
            result = is_past(o, &list->elems[i], bson_iter_as_int64(&ends), ret, err);
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
    bool of_user = slice_is(rule_document_text(rule, "kind"), "erasure");
    enum result result = connect_both(w, err);

    if (result == OK)
        result = group_passed(&w->logs, "ends", rule, ret_passed, err);
    if (result == OK && *ret_passed && of_user)
        result = group_passed(&w->rejects, "rejectsEnds", rule, ret_passed, err);
    if (result == OK && *ret_passed && of_user)
        result = counters_passed(w, rule_document_number(rule, "version"), ret_passed, err);
    return result;
}
