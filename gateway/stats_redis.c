/* SPDX-License-Identifier: MIT */
#include "gateway/stats_redis.h"

#include "common/mem.h"
#include "schemas/dashboard_key.h"

#include <stdlib.h>

enum {
    DAY_MS = 86400000,
    HOUR_MS = 3600000,
    KEYS_MAX = 64,       /* hours at both ends, and the days between */
    MEMBERS_MAX = 200000 /* of all sorted sets together */
};

/* Names of keys, of one tenant. */
struct keys {
    size_t count, lens[KEYS_MAX];
    char texts[KEYS_MAX][DASHBOARD_KEY_MAX];
};

static bool add_key(struct keys *k, struct slice tenant, const char *name, enum window window,
                    int64_t start_ms)
{
    if (k->count == KEYS_MAX)
        return false;
    k->lens[k->count] = dashboard_key_window(k->texts[k->count], tenant, name, window, start_ms);
    k->count++;
    return true;
}

static struct slice key_at(const struct keys *k, size_t i)
{
    return slice_make(k->texts[i], k->lens[i]);
}

static enum result ask_number(struct redis_pool *redis, const struct slice *words, size_t count,
                              int64_t *ret, struct err *err)
{
    redisReply *reply = NULL;
    enum result result = redis_pool_ask(redis, words, count, &reply, err);

    if (result != OK)
        return result;
    if (reply->type == REDIS_REPLY_INTEGER)
        *ret = reply->integer;
    else
        result = err_set(err, RETRY, "Redis: no number, where one was asked for");
    freeReplyObject(reply);
    return result;
}

enum result stats_redis_ready(struct redis_pool *redis, struct err *err)
{
    const struct slice exists[] = {slice_of("EXISTS"), slice_of(DASHBOARD_POSITION)};
    const struct slice rebuild[] = {slice_of("HEXISTS"), slice_of(DASHBOARD_POSITION),
                                    slice_of("rebuild")};
    int64_t there = 0, rebuilding = 0;
    enum result result = ask_number(redis, exists, 2, &there, err);

    if (result == OK)
        result = ask_number(redis, rebuild, 3, &rebuilding, err);
    if (result != OK)
        return result;
    if (!there || rebuilding)
        return err_set(err, RETRY, "Redis: the counters are being rebuilt");
    return OK;
}

enum result stats_redis_unique(struct redis_pool *redis, struct slice tenant,
                               const struct stats_span *hours, int64_t *ret_count, struct err *err)
{
    struct slice words[1 + KEYS_MAX] = {slice_of("PFCOUNT")};
    struct keys keys = {.count = 0};

    for (int64_t at = hours->from_ms; at < hours->to_ms;) {
        bool day = window_start(WINDOW_DAY, at) == at && at + DAY_MS <= hours->to_ms;

        if (!add_key(&keys, tenant, "users:", day ? WINDOW_DAY : WINDOW_HOUR, at))
            return err_set(err, REJECT, "a range of more than %d keys", KEYS_MAX);
        at += day ? DAY_MS : HOUR_MS;
    }
    *ret_count = 0;
    if (keys.count == 0)
        return OK;
    for (size_t i = 0; i < keys.count; i++)
        words[1 + i] = key_at(&keys, i);
    return ask_number(redis, words, 1 + keys.count, ret_count, err);
}

void stats_ranks_done(struct stats_ranks *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->ranks[i]._text);
    free(r->ranks);
    *r = (struct stats_ranks){0};
}

void stats_ranks_add(struct stats_ranks *r, struct slice name, int64_t count)
{
    if (r->count == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        r->ranks = mem_realloc(r->ranks, r->cap * sizeof *r->ranks);
    }
    char *text = mem_strndup(name.data, name.len);
    r->ranks[r->count++] = (struct stats_rank){slice_make(text, name.len), count, text};
}

static int by_rank(const void *left, const void *right)
{
    const struct stats_rank *a = left, *b = right;
    size_t shared = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = shared > 0 ? memcmp(a->name.data, b->name.data, shared) : 0;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return order ? order : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

/* [member, score, member, score, …] */
static void keep_highest(const redisReply *reply, size_t limit, struct stats_ranks *ret)
{
    struct stats_ranks all = {0};

    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        const redisReply *member = reply->element[i], *score = reply->element[i + 1];

        if (member->str && score->str)
            stats_ranks_add(&all, slice_make(member->str, (size_t)member->len),
                            (int64_t)strtod(score->str, NULL));
    }
    if (all.count > 0)
        qsort(all.ranks, all.count, sizeof *all.ranks, by_rank);
    for (size_t i = 0; i < all.count && i < limit; i++)
        stats_ranks_add(ret, all.ranks[i].name, all.ranks[i].count);
    stats_ranks_done(&all);
}

static enum result check_size(struct redis_pool *redis, const struct keys *keys, struct err *err)
{
    int64_t members = 0, n = 0;

    for (size_t i = 0; i < keys->count; i++) {
        const struct slice words[] = {slice_of("ZCARD"), key_at(keys, i)};
        enum result result = ask_number(redis, words, 2, &n, err);

        if (result != OK)
            return result;
        members += n;
    }
    if (members > MEMBERS_MAX)
        return err_set(err, REJECT, "%lld users", (long long)members);
    return OK;
}

enum result stats_redis_top_users(struct redis_pool *redis, struct slice tenant,
                                  const struct stats_span *days, size_t limit,
                                  struct stats_ranks *ret, struct err *err)
{
    struct slice words[3 + KEYS_MAX] = {slice_of("ZUNION")};
    struct keys keys = {.count = 0};
    redisReply *reply = NULL;
    char number[16];

    for (int64_t at = days->from_ms; at < days->to_ms; at += DAY_MS)
        if (!add_key(&keys, tenant, "top-users:", WINDOW_DAY, at))
            return err_set(err, REJECT, "a range of more than %d keys", KEYS_MAX);
    if (keys.count == 0)
        return OK;
    enum result result = check_size(redis, &keys, err);
    if (result != OK)
        return result;
    snprintf(number, sizeof number, "%zu", keys.count);
    words[1] = slice_of(number);
    for (size_t i = 0; i < keys.count; i++)
        words[2 + i] = key_at(&keys, i);
    words[2 + keys.count] = slice_of("WITHSCORES");
    result = redis_pool_ask(redis, words, 3 + keys.count, &reply, err);
    if (result != OK)
        return result;
    keep_highest(reply, limit, ret);
    freeReplyObject(reply);
    return OK;
}

/* [field, value, field, value, …] */
static void take_fields(const redisReply *reply, struct live_minute *m)
{
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        const redisReply *name = reply->element[i], *value = reply->element[i + 1];

        if (name->str && value->str)
            live_minute_field(m, slice_make(name->str, (size_t)name->len),
                              strtoull(value->str, NULL, 10));
    }
}

enum result stats_redis_minutes(struct redis_pool *redis, struct slice tenant,
                                struct live_minutes *live, struct err *err)
{
    for (size_t i = 0; i < LIVE_MINUTES; i++) {
        char key[DASHBOARD_KEY_MAX];
        size_t len = dashboard_key_window(key, tenant, "", WINDOW_MINUTE,
                                          live->start_ms + (int64_t)i * LIVE_MINUTE_MS);
        const struct slice words[] = {slice_of("HGETALL"), slice_make(key, len)};
        redisReply *reply = NULL;
        enum result result = redis_pool_ask(redis, words, 2, &reply, err);

        if (result != OK)
            return result;
        take_fields(reply, &live->minutes[i]);
        freeReplyObject(reply);
    }
    return OK;
}
