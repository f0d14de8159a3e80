/* SPDX-License-Identifier: MIT */
/* stats_pieces.h - reads a range piece by piece, its end in one when that is now
 * (stats_present.h). Blocks: for work(). */
#pragma once

#include "gateway/query_job.h"
#include "gateway/stats_range.h"

/* How a piece is read, and all that was read is forgotten. */
struct stats_reader {
    enum result (*read)(void *ctx, const struct stats_piece *piece, struct err *err);
    void (*forget)(void *ctx);
    void *ctx;
};

/* `cut` is that of `bounds`; NULL: it is read as it is. RETRY, REJECT as store_read. */
enum result stats_pieces_read(const struct query_job *job, const struct stats_bounds *bounds,
                              const struct stats_cut *cut, const struct stats_reader *reader,
                              struct err *err);
