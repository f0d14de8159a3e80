/* SPDX-License-Identifier: MIT */
/* replay.h - does what administrators asked for: sends rejected records through once more.
 *
 * DESIGN. The gateway does not replay; it writes the wish into the reject (state `replaying`, the
 * id that the log will have, and the mended record) and answers. Here the wish is fulfilled, and
 * the state becomes `replayed`. So a crash anywhere loses nothing: the wish stays. Nor does it
 * double anything: the id was settled with the wish, and a record that is sent again under its id
 * is a duplicate to the processor; should the crash have lasted longer than the processor
 * remembers, the log is found stored.
 *
 * What the processor refused was not counted, and goes through the raw topic. What the indexer
 * refused was counted, and goes through the writer straight into the store; refused again, it is
 * open again, with the reason in `replayError`.
 *
 * A wish that is about somebody who is erased is forgotten together with its reject. One that an
 * erasure overtakes between that look and the sending is of a time before it (replay_plan.h gives
 * every record one), so it is met by the erasure like anything that comes late. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "indexer/store.h"
#include "rules/rules_reader.h"

struct replay;

/* `store` and `rules` are borrowed until _free, and used on the caller's thread alone. Makes its
 * Kafka clients when they are first needed. */
struct replay *replay_new(const struct settings *settings, struct store *store,
                          struct rules_reader *rules);
void replay_free(struct replay *r);
DEFINE_AUTO(replay)

/* Fulfils some of the wishes there are. RETRY: those that are left are for later. */
enum result replay_pending(struct replay *r, struct err *err);
