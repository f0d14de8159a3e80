/* SPDX-License-Identifier: MIT */
/* changes.h - a command's worth of changes to what is counted, and what becomes of those that the
 * store refuses. */
#pragma once

#include "common/err.h"
#include "indexer/batch.h"
#include "indexer/dead_letters.h"
#include "indexer/lanes.h"
#include "indexer/store.h"

enum {
    CHANGES_MAX = LANES_MAX,
    /* An insert costs the store a fifth of an upsert: of so many it saves more than a command of
     * their own costs. */
    INSERTS_WORTH_IT = 16,
};

/* Where changes go. All are borrowed, and `topic` is where the records of these lie. */
struct changes_sink {
    struct store *store;
    struct lanes *lanes;
    struct dead_letters *letters;
    const char *topic;
};

struct new_change {
    bson_t doc, update;
};

struct changes {
    struct new_change items[CHANGES_MAX];
    struct change views[CHANGES_MAX];
    size_t count;
    struct refusals refused; /* of the last command */
    struct changes_sink sink;
};

void changes_init(struct changes *c, const struct changes_sink *sink);
void changes_done(struct changes *c);

/* Two empty documents, to be filled; an insert leaves its update empty. */
struct new_change *changes_next(struct changes *c);
void changes_clear(struct changes *c);
/* OK: all but `refused` are done. */
enum result changes_send(struct changes *c, enum collection where, struct err *err);

/* Which of them are among `refused`. */
void changes_mark_refused(const struct changes *c, bool ret_refused[CHANGES_MAX]);

/* An upsert was refused, and not because its _id is taken: RETRY, in smaller parts, until it is one
 * alone. OK: that one will never do, and is a dead letter now. */
enum result changes_judge(struct changes *c, struct batch *b, struct err *err);
