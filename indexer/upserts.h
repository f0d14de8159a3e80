/* SPDX-License-Identifier: MIT */
/* upserts.h - a command's worth of upserts, and what becomes of those that the store refuses. */
#pragma once

#include "common/err.h"
#include "indexer/batch.h"
#include "indexer/dead_letters.h"
#include "indexer/store.h"

enum { UPSERTS_MAX = 1000 };

struct upserts {
    struct upsert items[UPSERTS_MAX];
    size_t count;
    struct refusals refused; /* of the last command */
    struct store *store;
    struct dead_letters *letters;
    const char *topic;
};

/* All are borrowed until _done. `topic` is where the records of these lie. */
void upserts_init(struct upserts *u, struct store *store, struct dead_letters *letters,
                  const char *topic);
void upserts_done(struct upserts *u);

struct upsert *upserts_next(struct upserts *u); /* two empty documents, to be filled */
void upserts_clear(struct upserts *u);
/* OK: all but `refused` are done. */
enum result upserts_send(struct upserts *u, enum collection c, struct err *err);

/* Something else than a taken _id was refused: RETRY, in smaller parts, until it is one alone.
 * OK: that one will never do, and is a dead letter now. */
enum result upserts_judge(struct upserts *u, struct batch *b, struct err *err);
