/* SPDX-License-Identifier: MIT */
/* rule_json.h - deletions, erasures and the progress of a retention, as answers show them. Pure. */
#pragma once

#include "common/buf.h"

#include <bson/bson.h>

/* {"id","state","filter","createdAt",…}; an erasure shows whose it is. */
void rule_json_add(struct buf *out, const bson_t *rule);
/* {"days","rules":[…],"updatedAt","progress":{…}}; `setting` and `job` may be NULL. */
void rule_json_add_retention(struct buf *out, const bson_t *setting, const bson_t *job,
                             int64_t standard_days);
