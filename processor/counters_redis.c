/* SPDX-License-Identifier: MIT */
#include "processor/counters_redis.h"

#include "common/clock.h"
#include "common/ident.h"
#include "common/mem.h"
#include "processor/dashboard.h"
#include "processor/redis_command.h"
#include "scripts.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CONNECT_S = 1,
    COMMAND_S = 5,
    SHA_LEN = 40,
    NUMBER_MAX = 25,
    APPLY_ARGS = 5,
    GROUP_ARGS = 3
};

struct script {
    char sha[SHA_LEN + 1];
};

struct counters_redis {
    redisContext *redis;
    struct script apply, delete, finish, forget;
    struct redis_command command;
};

/* --- commands and replies --- */

/* The reply, which the caller frees; an error reply is not one. */
static enum result run(struct counters_redis *r, redisReply **ret, struct err *err)
{
    struct redis_command *c = &r->command;
    redisReply *reply = redisCommandArgv(r->redis, (int)c->count, c->argv, c->lens);

    if (reply && reply->type != REDIS_REPLY_ERROR) {
        *ret = reply;
        return OK;
    }
    if (reply)
        err_set(err, RETRY, "Redis: %s", reply->str);
    else
        err_set(err, RETRY, "Redis: %s", r->redis->err ? r->redis->errstr : "connection lost");
    freeReplyObject(reply);
    return RETRY;
}

static bool is_text(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS;
}

/* The nth part of a reply, as text; "" when it is not there. */
static const char *part(const redisReply *reply, size_t nth)
{
    if (!reply || reply->type != REDIS_REPLY_ARRAY || nth >= reply->elements ||
        !is_text(reply->element[nth]))
        return "";
    return reply->element[nth]->str;
}

/* --- connecting --- */

static enum result load(struct counters_redis *r, struct script *s, const char *text,
                        struct err *err)
{
    redisReply *reply = NULL;
    enum result result;

    redis_command_begin(&r->command, 3);
    redis_command_text(&r->command, "SCRIPT");
    redis_command_text(&r->command, "LOAD");
    redis_command_text(&r->command, text);
    result = run(r, &reply, err);
    if (result != OK)
        return result;
    snprintf(s->sha, sizeof s->sha, "%s", is_text(reply) ? reply->str : "");
    freeReplyObject(reply);
    return OK;
}

static enum result authenticate(struct counters_redis *r, const char *password, struct err *err)
{
    redisReply *reply = NULL;
    enum result result;

    if (!*password)
        return OK;
    redis_command_begin(&r->command, 2);
    redis_command_text(&r->command, "AUTH");
    redis_command_text(&r->command, password);
    result = run(r, &reply, err);
    if (result == OK)
        freeReplyObject(reply);
    return result;
}

enum result counters_redis_new(const struct settings *settings, struct counters_redis **ret,
                               struct err *err)
{
    const struct timeval connect = {.tv_sec = CONNECT_S}, command = {.tv_sec = COMMAND_S};
    AUTO(counters_redis) r = mem_zalloc(sizeof *r);
    enum result result;

    r->redis = redisConnectWithTimeout(settings->redis_host, (int)settings->redis_port, connect);
    if (!r->redis || r->redis->err || redisSetTimeout(r->redis, command) != REDIS_OK)
        return err_set(err, RETRY, "Redis %s:%" PRId64 ": %s", settings->redis_host,
                       settings->redis_port, r->redis ? r->redis->errstr : "no connection");
    redisEnableKeepAlive(r->redis);
    result = authenticate(r, settings->redis_password, err);
    if (result == OK)
        result = load(r, &r->apply, counters_apply_script, err);
    if (result == OK)
        result = load(r, &r->delete, counters_delete_script, err);
    if (result == OK)
        result = load(r, &r->finish, counters_finish_script, err);
    if (result == OK)
        result = load(r, &r->forget, counters_forget_script, err);
    if (result == OK)
        *ret = TAKE(r);
    return result;
}

void counters_redis_free(struct counters_redis *r)
{
    if (!r)
        return;
    if (r->redis)
        redisFree(r->redis);
    redis_command_done(&r->command);
    free(r);
}

/* --- positions and slices --- */

enum result counters_redis_positions(struct counters_redis *r, const char *const *fields,
                                     size_t count, struct counters_positions *ret, struct err *err)
{
    redisReply *reply = NULL;
    enum result result;

    redis_command_begin(&r->command, count + 4);
    redis_command_text(&r->command, "HMGET");
    redis_command_text(&r->command, DASHBOARD_POSITION);
    redis_command_text(&r->command, "rebuild");
    redis_command_text(&r->command, "rules");
    for (size_t i = 0; i < count; i++)
        redis_command_text(&r->command, fields[i]);
    result = run(r, &reply, err);
    if (result != OK && !strstr(err->text, "WRONGTYPE"))
        return result;
    /* A position that is no hash is as good as none: the next slice finds that out too. */
    snprintf(ret->token, sizeof ret->token, "%s", part(reply, 0));
    ret->is_rebuilding = *ret->token != 0;
    ret->rules = strtoll(part(reply, 1), NULL, 10);
    for (size_t i = 0; i < count; i++)
        ret->offsets[i] = *part(reply, i + 2) ? strtoll(part(reply, i + 2), NULL, 10) : -1;
    if (reply)
        freeReplyObject(reply);
    return OK;
}

static void add_entry(struct redis_command *c, enum tally_kind kind, const struct tally_entry *e)
{
    redis_command_add(c, e->member);
    if (kind == TALLY_EARLIEST || kind == TALLY_LATEST)
        redis_command_time(c, e->n);
    else if (kind != TALLY_UNIQUE)
        redis_command_number(c, e->n);
}

static void add_group(struct redis_command *c, const struct tally *t, size_t nth)
{
    static const char *const kinds[] = {
        [TALLY_HASH] = "H",     [TALLY_SORTED] = "Z", [TALLY_UNIQUE] = "P",
        [TALLY_EARLIEST] = "<", [TALLY_LATEST] = ">",
    };
    struct tally_group group = tally_group_at(t, nth);
    struct tally_entry entry;

    redis_command_text(c, kinds[group.kind]);
    redis_command_number(c, group.expire_ms / 1000);
    redis_command_number(c, (int64_t)group.entries);
    for (size_t at = 0; tally_next(t, nth, &at, &entry);)
        add_entry(c, group.kind, &entry);
}

static void add_offset(struct redis_command *c, int64_t offset)
{
    if (offset < 0)
        redis_command_text(c, "");
    else
        redis_command_number(c, offset);
}

static void make_token(char token[REBUILD_TOKEN_LEN + 1])
{
    uuid_v7(clock_wall_ms(), token);
    token[REBUILD_TOKEN_LEN] = 0;
}

enum result counters_redis_apply(struct counters_redis *r, const struct slice_of_partition *slice,
                                 enum counters_answer *ret, struct err *err)
{
    size_t groups = tally_groups(slice->tally);
    char token[REBUILD_TOKEN_LEN + 1];
    struct redis_command *c = &r->command;
    redisReply *reply = NULL;
    enum result result;

    make_token(token);
    redis_command_begin(c, 4 + APPLY_ARGS + groups * (1 + GROUP_ARGS) +
                               tally_entries(slice->tally) * 2);
    redis_command_text(c, "EVALSHA");
    redis_command_text(c, r->apply.sha);
    redis_command_number(c, (int64_t)groups + 1);
    redis_command_text(c, DASHBOARD_POSITION);
    for (size_t i = 0; i < groups; i++)
        redis_command_add(c, tally_group_at(slice->tally, i).key);
    redis_command_text(c, slice->field);
    add_offset(c, slice->expected);
    add_offset(c, slice->after);
    redis_command_text(c, token);
    add_offset(c, slice->is_ruled ? slice->rules : -1);
    for (size_t i = 0; i < groups; i++)
        add_group(c, slice->tally, i);
    result = run(r, &reply, err);
    if (result != OK)
        return result;

    if (strcmp(part(reply, 0), "ok") == 0)
        *ret = COUNTERS_APPLIED;
    else if (strcmp(part(reply, 0), "position") == 0)
        *ret = COUNTERS_MOVED;
    else if (strcmp(part(reply, 0), "rebuild") == 0)
        *ret = COUNTERS_REBUILDING;
    else
        result = err_set(err, RETRY, "Redis cannot write: %s", part(reply, 1));
    freeReplyObject(reply);
    return result;
}

/* --- erasures --- */

static enum result run_plain(struct counters_redis *r, struct err *err)
{
    redisReply *reply = NULL;
    enum result result = run(r, &reply, err);

    if (result == OK)
        freeReplyObject(reply);
    return result;
}

enum result counters_redis_forget(struct counters_redis *r, const struct forgotten *what,
                                  char (*keys)[DASHBOARD_KEY_MAX], struct err *err)
{
    struct redis_command *c = &r->command;

    redis_command_begin(c, 6 + what->key_count);
    redis_command_text(c, "EVALSHA");
    redis_command_text(c, r->forget.sha);
    redis_command_number(c, (int64_t)what->key_count + 1);
    redis_command_text(c, DASHBOARD_POSITION);
    for (size_t i = 0; i < what->key_count; i++)
        redis_command_text(c, keys[i]);
    redis_command_number(c, what->version);
    redis_command_add(c, what->user.data ? what->user : slice_of(""));
    return run_plain(r, err);
}

enum result counters_redis_set_rules(struct counters_redis *r, int64_t version, struct err *err)
{
    redis_command_begin(&r->command, 4);
    redis_command_text(&r->command, "HSET");
    redis_command_text(&r->command, DASHBOARD_POSITION);
    redis_command_text(&r->command, "rules");
    redis_command_number(&r->command, version);
    return run_plain(r, err);
}

/* --- rebuilding --- */

enum result counters_redis_want_rebuild(struct counters_redis *r, struct err *err)
{
    char token[REBUILD_TOKEN_LEN + 1];
    redisReply *reply = NULL;
    enum result result;

    make_token(token);
    redis_command_begin(&r->command, 4);
    redis_command_text(&r->command, "HSETNX");
    redis_command_text(&r->command, DASHBOARD_POSITION);
    redis_command_text(&r->command, "rebuild");
    redis_command_text(&r->command, token);
    result = run(r, &reply, err);
    if (result == OK)
        freeReplyObject(reply);
    return result;
}

static enum result finish(struct counters_redis *r, const char *token, struct err *err)
{
    redisReply *reply = NULL;
    enum result result;

    redis_command_begin(&r->command, 5);
    redis_command_text(&r->command, "EVALSHA");
    redis_command_text(&r->command, r->finish.sha);
    redis_command_text(&r->command, "1");
    redis_command_text(&r->command, DASHBOARD_POSITION);
    redis_command_text(&r->command, token);
    result = run(r, &reply, err);
    if (result == OK)
        freeReplyObject(reply);
    return result;
}

enum result counters_redis_rebuild(struct counters_redis *r, const char *token,
                                   char cursor[CURSOR_MAX], bool *ret_done, struct err *err)
{
    redisReply *reply = NULL;
    enum result result;

    redis_command_begin(&r->command, 6);
    redis_command_text(&r->command, "EVALSHA");
    redis_command_text(&r->command, r->delete.sha);
    redis_command_text(&r->command, "1");
    redis_command_text(&r->command, DASHBOARD_POSITION);
    redis_command_text(&r->command, token);
    redis_command_text(&r->command, cursor);
    result = run(r, &reply, err);
    if (result != OK)
        return result;
    snprintf(cursor, CURSOR_MAX, "%s", is_text(reply) ? reply->str : "");
    freeReplyObject(reply);

    *ret_done = strcmp(cursor, "0") == 0 || !*cursor;
    return strcmp(cursor, "0") == 0 ? finish(r, token, err) : OK;
}

bool counters_redis_evicts(struct counters_redis *r)
{
    redisReply *reply = NULL;
    struct err ignored;
    bool evicts;

    redis_command_begin(&r->command, 3);
    redis_command_text(&r->command, "CONFIG");
    redis_command_text(&r->command, "GET");
    redis_command_text(&r->command, "maxmemory-policy");
    if (run(r, &reply, &ignored) != OK)
        return false; /* not ours to ask, as with some hosted ones */
    evicts = *part(reply, 1) && strcmp(part(reply, 1), "noeviction") != 0;
    freeReplyObject(reply);
    return evicts;
}
