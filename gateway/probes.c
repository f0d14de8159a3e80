/* SPDX-License-Identifier: MIT */
#include "gateway/probes.h"

#include "common/kafka_topics.h"
#include "common/mem.h"
#include "gateway/producer.h"
#include "gateway/store.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

enum { KAFKA_MS = 2000, REDIS_MS = 1000 };

enum result probe_kafka(void *kafka_probe, struct err *err)
{
    struct kafka_probe *p = kafka_probe;
    if (!p->topics_made) {
        enum result result = kafka_topics_ensure(p->settings, err);
        if (result != OK)
            return result;
        p->topics_made = true;
    }
    return producer_probe(p->producer, KAFKA_MS, err);
}

enum result probe_store(void *store, struct err *err)
{
    return store_ping(store, err);
}

struct redis_probe {
    const struct settings *settings;
    redisContext *redis; /* NULL: to be connected */
};

struct redis_probe *redis_probe_new(const struct settings *settings)
{
    struct redis_probe *p = mem_zalloc(sizeof *p);
    p->settings = settings;
    return p;
}

void redis_probe_free(struct redis_probe *p)
{
    if (p && p->redis)
        redisFree(p->redis);
    free(p);
}

/* Asks, and expects a plain answer; anything else drops the connection, as hiredis wants it. */
static enum result ask(struct redis_probe *p, const char *command, const char *argument,
                       struct err *err)
{
    redisReply *reply = redisCommand(p->redis, command, argument);
    enum result result = OK;
    if (!reply)
        result = err_set(err, RETRY, "Redis: %s", p->redis->errstr);
    else if (reply->type == REDIS_REPLY_ERROR)
        result = err_set(err, RETRY, "Redis: %s", reply->str);
    freeReplyObject(reply);
    if (result != OK) {
        redisFree(p->redis);
        p->redis = NULL;
    }
    return result;
}

static enum result connect_redis(struct redis_probe *p, struct err *err)
{
    const struct settings *s = p->settings;
    struct timeval timeout = {.tv_sec = REDIS_MS / 1000};
    p->redis = redisConnectWithTimeout(s->redis_host, (int)s->redis_port, timeout);
    if (!p->redis)
        return err_set(err, RETRY, "Redis: no connection");
    if (p->redis->err) {
        enum result result = err_set(err, RETRY, "Redis: %s", p->redis->errstr);
        redisFree(p->redis);
        p->redis = NULL;
        return result;
    }
    redisSetTimeout(p->redis, timeout);
    return s->redis_password[0] ? ask(p, "AUTH %s", s->redis_password, err) : OK;
}

enum result probe_redis(void *redis_probe, struct err *err)
{
    struct redis_probe *p = redis_probe;
    if (!p->redis) {
        enum result result = connect_redis(p, err);
        if (result != OK)
            return result;
    }
    return ask(p, "PING", NULL, err);
}
