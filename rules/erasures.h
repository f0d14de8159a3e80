/* SPDX-License-Identifier: MIT */
/* erasures.h - whose logs are erased, and up to when. Pure.
 *
 * An erasure covers what the service had received when it was asked for, and whatever arrives later
 * with a timestamp of before. What happens afterwards is a new life of that user, and is kept. */
#pragma once

#include "common/auto.h"
#include "common/slice.h"

#include <stdint.h>

enum erasure_mode { ERASE_DELETE, ERASE_ANONYMIZE };

struct erasure {
    struct slice tenant, user_id;
    enum erasure_mode mode;
    struct slice salt;
    int64_t at_ms;
    int64_t version; /* of the rules that first held it */
};

struct erasures;

struct erasures *erasures_new(void);
void erasures_free(struct erasures *e);
DEFINE_AUTO(erasures)

void erasures_add(struct erasures *e, const struct erasure *erasure); /* copied */
size_t erasures_count(const struct erasures *e);
const struct erasure *erasures_at(const struct erasures *e, size_t nth);

/* `e` may be NULL. The erasure that covers such a log of this user, or NULL. Deleting goes before
 * masking. */
const struct erasure *erasures_find(const struct erasures *e, struct slice tenant,
                                    struct slice user_id, int64_t timestamp_ms, int64_t created_ms);
