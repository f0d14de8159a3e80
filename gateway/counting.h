/* SPDX-License-Identifier: MIT */
/* counting.h - answers a count_question from the document store. Blocks: for work(). */
#pragma once

#include "gateway/count_pipeline.h"
#include "gateway/query_job.h"

/* Buckets, where they know all that is asked, as exactly; else the logs, within the time limit of a
 * query. `most`: so many of the commonest values will do; 0: all are wanted. */
struct counting {
    const struct query_job *job;
    const struct count_question *q;
    int64_t most;
    struct value_counts *counts;
    bool from_buckets; /* the result */
    const struct stats_piece *_piece;
};

enum result counting_run(struct counting *c, struct err *err);

/* The time of the first log that `s` chooses, or of the last. *ret_ms is left alone when there is
 * none. */
enum result counting_edge(const struct query_job *job, const struct selection *s, bool last,
                          int64_t *ret_ms, struct err *err);
