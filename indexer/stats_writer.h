/* SPDX-License-Identifier: MIT */
/* stats_writer.h - upserts a batch's shards, adds to its totals, and then its watermarks: a
 * watermark promises that what lies before it is counted. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "indexer/batch.h"
#include "indexer/changes.h"

struct stats_writer;

/* What the sink has is borrowed until _free. */
struct stats_writer *stats_writer_new(const struct changes_sink *sink);
void stats_writer_free(struct stats_writer *w);
DEFINE_AUTO(stats_writer)

/* As writer_write, for this part of the batch. */
enum result stats_writer_write(struct stats_writer *w, struct batch *b, struct err *err);
