/* SPDX-License-Identifier: MIT */
/* DESIGN
 * Each member is hashed by itself and the record is the hash of those, in a fixed order with a
 * place for every member. So no text can pass for its neighbour, an absent member differs from an
 * empty one, and nothing is copied unless white space has to go. */
#include "common/ident.h"
#include "schemas/enriched.h"

enum member {
    MEMBER_SERVICE,
    MEMBER_ACTION,
    MEMBER_USER_ID,
    MEMBER_WORDS, /* severity, outcome, and whether there is a timestamp */
    MEMBER_TIMESTAMP,
    MEMBER_METADATA,
    MEMBER_ACTOR,
    MEMBER_RESOURCE = MEMBER_ACTOR + 3,
    MEMBER_CHANGES = MEMBER_RESOURCE + 3,
    MEMBER_MESSAGE,
    MEMBER_TAGS,
    MEMBER_IP,
    MEMBER_USER_AGENT,
    MEMBER_SESSION_ID,
    MEMBER_REQUEST_ID,
    MEMBER_TRACEPARENT,
    MEMBER_COUNT,
};

static uint64_t hash_text(struct slice text)
{
    static const uint64_t absent = 0x9e3779b97f4a7c15ULL; /* any number will do */
    return text.data ? hash64(text) : absent;
}

static uint64_t hash_json(struct slice raw)
{
    if (!raw.data || json_is_compact(raw))
        return hash_text(raw);
    AUTO_BUF compact = {0};
    json_add_compact(&compact, raw);
    return hash64(buf_slice(&compact));
}

static void hash_entity(uint64_t hashes[3], struct entity e)
{
    hashes[0] = hash_text(e.type);
    hashes[1] = hash_text(e.id);
    hashes[2] = hash_text(e.name);
}

uint64_t record_content_hash(const struct record *r)
{
    uint64_t hashes[MEMBER_COUNT] = {
        [MEMBER_SERVICE] = hash_text(r->service),
        [MEMBER_ACTION] = hash_text(r->action),
        [MEMBER_USER_ID] = hash_text(r->user_id),
        [MEMBER_WORDS] =
            (uint64_t)r->severity << 16 | (uint64_t)r->outcome << 8 | (r->has_timestamp ? 1U : 0U),
        [MEMBER_TIMESTAMP] = r->has_timestamp ? (uint64_t)r->timestamp_ms : 0,
        [MEMBER_METADATA] = hash_json(r->metadata),
        [MEMBER_CHANGES] = hash_json(r->changes),
        [MEMBER_MESSAGE] = hash_text(r->message),
        [MEMBER_TAGS] = hash_json(r->tags),
        [MEMBER_IP] = hash_text(r->ip),
        [MEMBER_USER_AGENT] = hash_text(r->user_agent),
        [MEMBER_SESSION_ID] = hash_text(r->session_id),
        [MEMBER_REQUEST_ID] = hash_text(r->request_id),
        [MEMBER_TRACEPARENT] = hash_text(r->traceparent),
    };
    hash_entity(hashes + MEMBER_ACTOR, r->actor);
    hash_entity(hashes + MEMBER_RESOURCE, r->resource);
    return hash64(slice_make(hashes, sizeof hashes));
}
