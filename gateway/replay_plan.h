/* SPDX-License-Identifier: MIT */
/* replay_plan.h - what is to be sent when a reject is replayed, and under which id. Pure.
 *
 * The id follows from the reject and the mended record alone, so that however often it is asked for
 * and carried out, one log comes of it: the mended record's own, else the one that it came with,
 * else one made of its place. A record that was refused because its id is taken gets the latter.
 *
 * A record that does not say when it was, was when the service first received it: not when somebody
 * mended it, and not after an erasure that was made in between.
 *
 * What the indexer refused has been counted: a mended record may not differ in what is counted, or
 * logs and statistics would disagree. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "schemas/fault.h"

struct reject_facts {
    struct slice id, stage, reason, tenant, value;
    struct slice came_with_id; /* header als.id; data == NULL: none */
    int64_t received_ms;
    bool http;       /* header als.source: which rules it is read by */
    bool cloudevent; /* its headers say that it is none of our own records */
    bool truncated;  /* `value` is not all of it */
};

struct replay_plan {
    struct buf log_id, stored_id; /* as answers show it, and as the store has it */
    struct buf value, key;        /* empty: the original's */
};

/* `mended` is a checked JSON object, or data == NULL: the original as it is. Into a zeroed plan.
 * REJECT: `faults` says why it would be refused again. */
enum result replay_plan_make(struct replay_plan *p, const struct reject_facts *reject,
                             struct slice mended, struct faults *faults);
void replay_plan_done(struct replay_plan *p);
