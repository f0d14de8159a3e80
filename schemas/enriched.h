/* SPDX-License-Identifier: MIT */
/* enriched.h - the record of the enriched topic: what the processor writes, and the indexer, the
 * counters and the live tail read. JSON; `_id`, `hash` and `src` are always the first three
 * members, in this order, so that a reader who wants only these need not parse the rest:
 *
 *   {"_id":"t1/abc","hash":"0123456789abcdef","src":"3:120:1763805600000","tenant":"t1","service":…,
 *    "action":…,"userId":…,"severity":…,"timestamp":…,"createdAt":…,"source":…, then the optional
 *    members of contract section 1 in its order, and "enriched":{…} last} */
#pragma once

#include "common/buf.h"
#include "schemas/record.h"

#include <stdint.h>

enum { ENRICHED_FLAGS_MAX = 8 };

/* What the processor found out. Absent text has data == NULL. Views, borrowed. */
struct enrichment {
    struct slice verb, object;
    const char
        *ip_class;  /* public private loopback link-local multicast reserved; NULL: no address */
    int ip_version; /* 4, 6 or 0 */
    struct slice country, city; /* ISO 3166-1 alpha-2; English name */
    uint32_t asn;               /* 0: unknown */
    struct slice browser, os, device;
    bool has_user_agent, bot;
    int64_t clock_skew_ms; /* receive time minus the client's own timestamp; 0 without one */
    bool has_clock_skew;
    const char *flags[ENRICHED_FLAGS_MAX]; /* "future", "masked", … */
    size_t flag_count;
};

/* Who, where and when of a record, settled: what headers and place gave. */
struct envelope {
    struct slice id, tenant;   /* never absent */
    const char *source;        /* "http" or "kafka" */
    int32_t partition;         /* place in the raw topic */
    int64_t offset, append_ms; /* append_ms is LogAppendTime, and createdAt */
    int64_t timestamp_ms;      /* settled: the client's, or append_ms */
};

/* "id" in tenant default, "tenant/id" elsewhere; never longer than 129 bytes. */
void enriched_add_id(struct buf *out, struct slice tenant, struct slice id);

/* Hash of what the client said: equal for a retry of the same record through either door,
 * whatever its white space, createdAt or place. Does not cover a timestamp that the client did not
 * send. */
uint64_t record_content_hash(const struct record *r);

void enriched_write(struct buf *out, const struct record *r, const struct envelope *envelope,
                    const struct enrichment *enrichment, uint64_t content_hash);

/* The views a reader needs without parsing the rest. `value` must be ours (not checked again);
 * false when it is not of this shape. */
struct enriched_head {
    struct slice id; /* as stored in _id */
    uint64_t hash;
    struct slice src;
};
bool enriched_read_head(struct slice value, struct enriched_head *ret);
