/* SPDX-License-Identifier: MIT */
/* writer.h - resolves a batch: every document stored, known to be there already, or among the
 * dead letters; every shard and watermark merged.
 *
 * DESIGN. Logs are inserted, not upserted: it is twice as fast, and a taken _id is rare. When one
 * is taken, the stored document tells what that means: the same place in the raw topic, and it is
 * this very record, redelivered; the same content, a retry that came too late for the processor
 * to remember; other content, a conflict. So two indexers may write the same records at once, and
 * one that was taken for dead may wake and finish: nothing is stored twice and nothing lost.
 *
 * A command that is refused as a whole is repeated in smaller parts, down to single documents, so
 * that one bad document is found and buried while the others are stored. A refusal that is not
 * known to be final is repeated WRITER_PATIENCE times before its document is buried, not counting
 * those while the store took nothing else either; and for ever when the reason is known to lie in
 * the store. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "indexer/batch.h"
#include "indexer/dead_letters.h"
#include "indexer/lanes.h"
#include "indexer/store.h"

enum { WRITER_PATIENCE = 50 }; /* about four minutes, as the worker backs off */

struct writer;

/* All but the settings are borrowed until _free. */
struct writer *writer_new(const struct settings *settings, struct store *store, struct lanes *lanes,
                          struct dead_letters *letters);
void writer_free(struct writer *w);
DEFINE_AUTO(writer)

/* One attempt, bounded in time. OK: resolved. RETRY: some is left; back off and call again with
 * the same batch, which remembers what is done. */
enum result writer_write(struct writer *w, struct batch *b, struct err *err);
