/* SPDX-License-Identifier: MIT */
/* restore.h - reads the remembered ids back from the tail of the enriched topic.
 *
 * What has been emitted is what must be remembered, so the topic is the memory's own record. All of
 * it must be seen: a predecessor's open transaction hides what was committed behind it from a
 * read_committed reader, which therefore has to reach the end that a read_uncommitted one saw. */
#pragma once

#include "common/err.h"
#include "common/settings.h"
#include "processor/dedupe.h"

struct restore_part {
    int32_t partition;
    int64_t since_ms;   /* as far back as this, if the memory reaches that far; -1: no limit */
    struct dedupe *ids; /* empty; filled */
    /* Found out: */
    size_t records;
    int64_t raw_offset, raw_append_ms; /* of the last record's raw one; only with records > 0 */
    int64_t from, end;                 /* offsets of the enriched partition that were read */
    int64_t reached;
};

/* `alive` is called at least once a second; returning false ends it with RETRY. */
enum result restore_ids(const struct settings *settings, struct restore_part *parts, size_t count,
                        bool (*alive)(void *ctx), void *ctx, struct err *err);
