/* SPDX-License-Identifier: MIT */
/* totals_writer.h - adds a batch to the totals, each record once and to the finest
 * first (totals_document.h says how). */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "indexer/batch.h"
#include "indexer/changes.h"
#include "indexer/store.h"

struct totals_writer;

/* Both are borrowed until _free. */
struct totals_writer *totals_writer_new(struct store *store, struct changes *changes);
void totals_writer_free(struct totals_writer *w);
DEFINE_AUTO(totals_writer)

/* As writer_write, for this part of the batch. */
enum result totals_writer_write(struct totals_writer *w, struct batch *b, struct err *err);
