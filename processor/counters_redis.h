/* SPDX-License-Identifier: MIT */
/* counters_redis.h - the counters' side of Redis: positions and counters that change together.
 *
 * Blocking, with time-outs; one thread. After RETRY free it and connect anew (hiredis): whether the
 * last command took effect is unknown, and the position tells. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "processor/dashboard.h"
#include "processor/tally.h"

struct counters_redis;

enum result counters_redis_new(const struct settings *settings, struct counters_redis **ret,
                               struct err *err);
void counters_redis_free(struct counters_redis *r);
DEFINE_AUTO(counters_redis)

enum { REBUILD_TOKEN_LEN = 36, POSITION_FIELD_MAX = 280 };

/* What the position hash says. */
struct counters_positions {
    bool is_rebuilding;
    char token[REBUILD_TOKEN_LEN + 1];
    int64_t rules;    /* the newest version of the rules that it knows; 0: none */
    int64_t *offsets; /* of each field asked for; -1: none. Room is the caller's */
};

enum result counters_redis_positions(struct counters_redis *r, const char *const *fields,
                                     size_t count, struct counters_positions *ret, struct err *err);

/* A stretch of one partition, added up. */
struct slice_of_partition {
    const char *field;       /* topic:partition */
    int64_t expected, after; /* offsets; expected -1: Redis has no position */
    const struct tally *tally;
    bool is_ruled; /* added up under a version of the rules: refused when Redis knows a newer one */
    int64_t rules;
};

enum counters_answer {
    COUNTERS_APPLIED,
    COUNTERS_MOVED,      /* refused: Redis is at another position, or knows newer rules */
    COUNTERS_REBUILDING, /* refused: the counters are being made anew */
};

enum result counters_redis_apply(struct counters_redis *r, const struct slice_of_partition *slice,
                                 enum counters_answer *ret, struct err *err);

/* Takes a user out of rankings, and raises the version of the rules: both, or neither, when Redis
 * knows that version already. */
struct forgotten {
    int64_t version;
    struct slice user;
    size_t key_count;
};
enum result counters_redis_forget(struct counters_redis *r, const struct forgotten *what,
                                  char (*keys)[DASHBOARD_KEY_MAX], struct err *err);
/* Lowers the version: the store that it came from is another one now. */
enum result counters_redis_set_rules(struct counters_redis *r, int64_t version, struct err *err);

/* Asks every counters thread there is to make the counters anew; once is enough. */
enum result counters_redis_want_rebuild(struct counters_redis *r, struct err *err);
/* Deletes one batch of counters. *cursor begins as "0"; *ret_done when all are deleted and
 * positions begin anew, or when another thread was faster. */
enum { CURSOR_MAX = 24 };
enum result counters_redis_rebuild(struct counters_redis *r, const char *token,
                                   char cursor[CURSOR_MAX], bool *ret_done, struct err *err);

/* Could Redis throw counters away to make room? Then they are wrong without a word. */
bool counters_redis_evicts(struct counters_redis *r);
