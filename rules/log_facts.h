/* SPDX-License-Identifier: MIT */
/* log_facts.h - what of a log the rules look at. Pure; views into the document. */
#pragma once

#include "common/slice.h"

#include <bson/bson.h>

struct log_facts {
    struct slice id, tenant, service, severity, user_id, actor_id; /* data == NULL: absent */
    int64_t timestamp_ms, created_ms;
};

struct log_facts log_facts_of(const bson_t *doc);
