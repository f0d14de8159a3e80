/* SPDX-License-Identifier: MIT */
/* caught_up.h - since when each partition is known to be counted whole, though nothing comes for
 * it.
 *
 * A watermark moves with the records of a tenant, so that of an idle partition stands still. Yet
 * when the processor has committed the end of the raw partition, and after it the indexer the end
 * of the stats partition of the same number, then all that was received before the question was
 * asked is counted. A thread asks about every second.
 *
 * True as far as the clocks of this machine and the broker agree to CAUGHT_UP_DOUBT_MS, in which
 * the age of Kafka's answers is contained too. */
#pragma once

#include "common/auto.h"
#include "gateway/pipeline_kafka.h"

#include <stdint.h>

enum { CAUGHT_UP_DOUBT_MS = 4000 };

struct caught_up;

/* `kafka` is borrowed until _free. */
struct caught_up *caught_up_new(struct pipeline_kafka *kafka, size_t partitions);
void caught_up_free(struct caught_up *c); /* after a stop was requested; joins */
DEFINE_AUTO(caught_up)

/* All that the partition received before this is counted; 0: nothing is known. Thread-safe. */
int64_t caught_up_ms(struct caught_up *c, size_t partition);

/* Pure. Is there nothing of this partition that is not counted? */
bool caught_up_is(const struct pipeline_view *v, size_t partition);
/* Pure. The least of what is known of each partition by its watermark or otherwise; 0 where one
 * has neither. */
int64_t caught_up_least(const int64_t *known_ms, size_t partitions);
