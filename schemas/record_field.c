/* SPDX-License-Identifier: MIT */
#include "schemas/record_field.h"

static const char *const names[FIELD_COUNT] = {
    [FIELD_UNKNOWN] = "",
    [FIELD_SERVICE] = "service",
    [FIELD_ACTION] = "action",
    [FIELD_USER_ID] = "userId",
    [FIELD_METADATA] = "metadata",
    [FIELD_SEVERITY] = "severity",
    [FIELD_TIMESTAMP] = "timestamp",
    [FIELD_ID] = "id",
    [FIELD_ID_ALIAS] = "_id",
    [FIELD_TENANT] = "tenant",
    [FIELD_ACTOR] = "actor",
    [FIELD_RESOURCE] = "resource",
    [FIELD_CHANGES] = "changes",
    [FIELD_OUTCOME] = "outcome",
    [FIELD_MESSAGE] = "message",
    [FIELD_TAGS] = "tags",
    [FIELD_IP] = "ip",
    [FIELD_USER_AGENT] = "userAgent",
    [FIELD_SESSION_ID] = "sessionId",
    [FIELD_REQUEST_ID] = "requestId",
    [FIELD_TRACEPARENT] = "traceparent",
    [FIELD_CREATED_AT] = "createdAt",
    [FIELD_SOURCE] = "source",
    [FIELD_ENRICHED] = "enriched",
};

enum { NAME_MAX_LEN = 11, PER_LENGTH_MAX = 5 };

/* The names of each length: at most five are left to compare with. */
static const unsigned char of_length[NAME_MAX_LEN + 1][PER_LENGTH_MAX + 1] = {
    [2] = {FIELD_ID, FIELD_IP},
    [3] = {FIELD_ID_ALIAS},
    [4] = {FIELD_TAGS},
    [5] = {FIELD_ACTOR},
    [6] = {FIELD_ACTION, FIELD_USER_ID, FIELD_TENANT, FIELD_SOURCE},
    [7] = {FIELD_SERVICE, FIELD_MESSAGE, FIELD_OUTCOME, FIELD_CHANGES},
    [8] = {FIELD_METADATA, FIELD_SEVERITY, FIELD_RESOURCE, FIELD_ENRICHED},
    [9] = {FIELD_TIMESTAMP, FIELD_USER_AGENT, FIELD_SESSION_ID, FIELD_REQUEST_ID, FIELD_CREATED_AT},
    [11] = {FIELD_TRACEPARENT},
};

const char *field_name(enum field f)
{
    return names[f];
}

static enum field field_of_escaped(struct json_value key)
{
    for (int f = FIELD_UNKNOWN + 1; f < FIELD_COUNT; f++) {
        if (json_key_is(key, names[f]))
            return (enum field)f;
    }
    return FIELD_UNKNOWN;
}

enum field field_of(struct json_value key)
{
    if (key.escaped)
        return field_of_escaped(key);
    const char *text = key.raw.data + 1;
    size_t len = key.raw.len - 2;
    if (len > NAME_MAX_LEN)
        return FIELD_UNKNOWN;
    for (const unsigned char *f = of_length[len]; *f; f++) {
        if (names[*f][0] == *text && memcmp(names[*f], text, len) == 0)
            return (enum field) * f;
    }
    return FIELD_UNKNOWN;
}
