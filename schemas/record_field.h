/* SPDX-License-Identifier: MIT */
/* record_field.h - the top-level members of a record by name. Private to schemas/. */
#pragma once

#include "schemas/json.h"

enum field {
    FIELD_UNKNOWN,
    FIELD_SERVICE,
    FIELD_ACTION,
    FIELD_USER_ID,
    FIELD_METADATA,
    FIELD_SEVERITY,
    FIELD_TIMESTAMP,
    FIELD_ID,
    FIELD_ID_ALIAS, /* `_id` */
    FIELD_TENANT,
    FIELD_ACTOR,
    FIELD_RESOURCE,
    FIELD_CHANGES,
    FIELD_OUTCOME,
    FIELD_MESSAGE,
    FIELD_TAGS,
    FIELD_IP,
    FIELD_USER_AGENT,
    FIELD_SESSION_ID,
    FIELD_REQUEST_ID,
    FIELD_TRACEPARENT,
    FIELD_CREATED_AT, /* ours: what a client says there counts for nothing */
    FIELD_SOURCE,
    FIELD_ENRICHED,
    FIELD_COUNT,
};

const char *field_name(enum field f);
enum field field_of(struct json_value key);
