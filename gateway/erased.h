/* SPDX-License-Identifier: MIT */
/* erased.h - the rules as the event loops may ask them: what is in memory, about a second old. Any
 * thread. */
#pragma once

#include "gateway/http.h"

/* Is such a log of this user, or with this actor, erased or masked? Times in ms. */
bool gateway_erased(struct gateway *g, struct slice tenant, struct slice user_id,
                    int64_t timestamp_ms, int64_t created_ms);
/* Are a tenant's logs there as they were counted: none taken away, all kept for the same time? */
bool gateway_keeps_alike(struct gateway *g, struct slice tenant);
/* For how many days all of a tenant's logs are kept: the least of its rules. */
int64_t gateway_retention_days(struct gateway *g, struct slice tenant);
