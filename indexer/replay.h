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
 * open again, with the reason in `replayError`. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "indexer/store.h"

struct replay;

/* `store` is borrowed until _free, and used on the caller's thread alone. Makes its Kafka clients
 * when they are first needed. */
struct replay *replay_new(const struct settings *settings, struct store *store);
void replay_free(struct replay *r);
DEFINE_AUTO(replay)

/* Fulfils some of the wishes there are. RETRY: those that are left are for later. */
enum result replay_pending(struct replay *r, struct err *err);
