/* SPDX-License-Identifier: MIT */
/* ruling.h - what the rules (rules/rules.h) say of a batch: which documents are dropped, which are
 * masked, and until when each is kept.
 *
 * DESIGN. An erasure must hold however records come: late, once more after a crash, or from an
 * indexer that was asleep for an hour. The rules are looked at before every attempt and, since one
 * may be made while the store is being written to, once more behind it: what went in under the old
 * rules is then taken out again, before the offsets are committed. A record that slipped in because
 * its indexer was killed between the two is read again by the next, and lies before the end of the
 * topic that the erasure's job waits for, so its second deletion finds it. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "indexer/batch.h"
#include "indexer/store.h"

struct ruling;

/* Connects when first used. */
struct ruling *ruling_new(const struct settings *settings);
void ruling_free(struct ruling *r);
DEFINE_AUTO(ruling)

/* To what is not stored yet. RETRY: the rules cannot be read now. */
enum result ruling_apply(struct ruling *r, struct batch *b, struct err *err);
/* To what has just been stored, if the rules are not those that were applied. `ret_again`: some of
 * it is to be written anew. */
enum result ruling_confirm(struct ruling *r, struct store *store, struct batch *b, bool *ret_again,
                           struct err *err);
