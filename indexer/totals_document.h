/* SPDX-License-Identifier: MIT */
/* totals_document.h - what a batch of stats records adds to the totals (schemas/total.h). Pure.
 *
 * DESIGN. A record's delta is added, with `$inc`, to one total each of its hour, its day and its
 * week. It must be added once, though records are redelivered, in batches with other borders, and a
 * frozen writer may wake and go on. There is no transaction over several documents in every store
 * that we serve; but a change of one document is atomic. So each total bears the positions up to
 * which it was added (totals_position.h), an update sets them along with the counts, and it matches
 * only a total whose positions are before the first record in it.
 *
 * Every writer goes through a partition in order, from a committed offset on, behind which all is
 * added. So a total has all of its records up to its position and none beyond; and a writer that
 * finds it further on than expected leaves out what is there already, and adds the rest.
 *
 * FINEST FIRST. Of a batch, every hour has what it should, acknowledged or seen to be there, before
 * any day is changed, and every day before any week. Whoever adds a record to a day, in whatever
 * batch, has thus seen to its hour; so what a coarser total shows, the finer one shows already (as
 * long as it is kept, and has not become a dead letter). A reader that puts together a range from
 * totals of several spans relies on this: what it reads later lacks nothing of what it read. */
#pragma once

#include "common/auto.h"
#include "indexer/totals_position.h"
#include "schemas/stats.h"

#include <bson/bson.h>

struct totals;

struct totals *totals_new(void);
void totals_free(struct totals *t);
DEFINE_AUTO(totals)
void totals_clear(struct totals *t); /* keeps the memory */

/* Records of a partition come in their order. Returns how many bytes of text are kept. */
size_t totals_add(struct totals *t, struct totals_place at, const struct stats_bucket *b);

/* How many totals change. They are put in order first, the finest before all others and then by id,
 * which is also why no two writers wait for each other; nothing is added any more. */
size_t totals_settle(struct totals *t);
/* Those from `from` up to here are of one span: they must be done before what follows is sent. */
size_t totals_span_end(const struct totals *t, size_t from);
/* The `i`th of them, and how to add to it: an upsert of `update` on `selector`, two empty documents
 * that are filled. The store calls its _id a duplicate when some is there already. */
struct slice totals_id(const struct totals *t, size_t i);
/* The reverse, among [from, to), which are of one span. False: it is none of these. */
bool totals_find(const struct totals *t, size_t from, size_t to, struct slice id, size_t *ret);
void totals_update(struct totals *t, size_t i, bson_t *selector, bson_t *update);

/* As long as it is not known to be there: the document that adding makes, to be inserted. */
bool totals_may_insert(const struct totals *t, size_t i);
void totals_document(struct totals *t, size_t i, bson_t *doc);
void totals_found(struct totals *t, size_t i); /* it is there */

/* Is anything left to be added? */
bool totals_is_open(const struct totals *t, size_t i);
void totals_close(struct totals *t, size_t i);
/* Leaves out what `stored`, the total as the store has it, has already. False: that is nothing. */
bool totals_skip_stored(struct totals *t, size_t i, const bson_t *stored);
