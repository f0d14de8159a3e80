/* SPDX-License-Identifier: MIT */
#include "gateway/redis_pool.h"

#include "common/clock.h"
#include "common/mem.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

enum { IDLE_MAX = 8, WORDS_MAX = 1024, AWAY_MS = 500 };

struct redis_pool {
    const struct settings *settings;
    pthread_mutex_t mutex; /* of what follows */
    redisContext *idle[IDLE_MAX];
    size_t idle_count;
    int64_t away_until_ms; /* monotonic */
};

struct redis_pool *redis_pool_new(const struct settings *settings)
{
    struct redis_pool *p = mem_zalloc(sizeof *p);

    p->settings = settings;
    pthread_mutex_init(&p->mutex, NULL);
    return p;
}

void redis_pool_free(struct redis_pool *p)
{
    if (!p)
        return;
    while (p->idle_count > 0)
        redisFree(p->idle[--p->idle_count]);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

static enum result failed(redisContext *redis, const redisReply *reply, struct err *err)
{
    if (reply)
        return err_set(err, RETRY, "Redis: %s", reply->str);
    return err_set(err, RETRY, "Redis: %s", redis && redis->err ? redis->errstr : "no connection");
}

static enum result authenticate(redisContext *redis, const char *password, struct err *err)
{
    redisReply *reply;
    enum result result = OK;

    if (!*password)
        return OK;
    reply = redisCommand(redis, "AUTH %s", password);
    if (!reply || reply->type == REDIS_REPLY_ERROR)
        result = failed(redis, reply, err);
    freeReplyObject(reply);
    return result;
}

static enum result connect_anew(const struct settings *s, redisContext **ret, struct err *err)
{
    const struct timeval timeout = {.tv_sec = 1};
    redisContext *redis = redisConnectWithTimeout(s->redis_host, (int)s->redis_port, timeout);
    enum result result = OK;

    if (!redis || redis->err || redisSetTimeout(redis, timeout) != REDIS_OK)
        result = failed(redis, NULL, err);
    if (result == OK)
        result = authenticate(redis, s->redis_password, err);
    if (result == OK)
        *ret = redis;
    else if (redis)
        redisFree(redis);
    return result;
}

/* *ret NULL: there is none idle, and one may be opened. */
static enum result take_idle(struct redis_pool *p, redisContext **ret, struct err *err)
{
    enum result result = OK;

    *ret = NULL;
    pthread_mutex_lock(&p->mutex);
    if (p->idle_count > 0)
        *ret = p->idle[--p->idle_count];
    else if (clock_mono_ms() < p->away_until_ms)
        result = err_set(err, RETRY, "Redis: no connection a moment ago");
    pthread_mutex_unlock(&p->mutex);
    return result;
}

static void give_back(struct redis_pool *p, redisContext *redis)
{
    pthread_mutex_lock(&p->mutex);
    if (p->idle_count < IDLE_MAX)
        p->idle[p->idle_count++] = TAKE(redis);
    pthread_mutex_unlock(&p->mutex);
    if (redis)
        redisFree(redis);
}

static enum result take(struct redis_pool *p, bool *ret_used, redisContext **ret, struct err *err)
{
    enum result result = take_idle(p, ret, err);

    *ret_used = *ret != NULL;
    if (result != OK || *ret)
        return result;
    result = connect_anew(p->settings, ret, err);
    if (result != OK) {
        pthread_mutex_lock(&p->mutex);
        p->away_until_ms = clock_mono_ms() + AWAY_MS;
        pthread_mutex_unlock(&p->mutex);
    }
    return result;
}

static enum result ask_once(struct redis_pool *p, const struct slice *words, size_t count,
                            bool *ret_stale, redisReply **ret, struct err *err)
{
    const char *argv[WORDS_MAX];
    size_t lens[WORDS_MAX];
    redisContext *redis;
    redisReply *reply;
    enum result result = take(p, ret_stale, &redis, err);

    if (result != OK)
        return result;
    for (size_t i = 0; i < count; i++) {
        argv[i] = words[i].data;
        lens[i] = words[i].len;
    }
    reply = redisCommandArgv(redis, (int)count, argv, lens);
    if (!reply) {
        *ret_stale = *ret_stale && redis->err == REDIS_ERR_EOF;
        result = failed(redis, NULL, err);
        redisFree(redis); /* it can only be connected anew */
        return result;
    }
    *ret_stale = false;
    give_back(p, redis);
    if (reply->type != REDIS_REPLY_ERROR) {
        *ret = reply;
        return OK;
    }
    result = failed(NULL, reply, err);
    freeReplyObject(reply);
    return result;
}

enum result redis_pool_ask(struct redis_pool *p, const struct slice *words, size_t count,
                           redisReply **ret, struct err *err)
{
    bool stale = false;
    enum result result;

    if (count > WORDS_MAX)
        return err_set(err, REJECT, "Redis: a command of %zu words, at most %d", count, WORDS_MAX);
    /* A connection that lay idle may have been closed by a server that has started again since. */
    for (size_t i = 0; i <= IDLE_MAX; i++) {
        result = ask_once(p, words, count, &stale, ret, err);
        if (result == OK || !stale)
            return result;
    }
    return result;
}
