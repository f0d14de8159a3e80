/* SPDX-License-Identifier: MIT */
/* stats_logs.h - figures that only the logs themselves know, gathered from all that are asked for:
 * their cost grows with the logs, so time ends them. REJECT: it did. */
#pragma once

#include "gateway/query_job.h"
#include "gateway/stats_redis.h"
#include "schemas/selection.h"

/* The commonest values of a member of the logs ("enriched.country"), highest first. */
enum result stats_logs_top(const struct query_job *job, const struct selection *chosen,
                           const char *path, int64_t limit, struct stats_ranks *ret,
                           struct err *err);
/* How many different values there are. */
enum result stats_logs_unique(const struct query_job *job, const struct selection *chosen,
                              const char *path, int64_t *ret_count, struct err *err);
