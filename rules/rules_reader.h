/* SPDX-License-Identifier: MIT */
/* rules_reader.h - the rules as they lie in MongoDB, read again whenever they have changed.
 *
 * Looking whether they have costs one small read, so a writer can afford it before every batch.
 * Blocks, for a few seconds at most; one thread. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "rules/rules.h"

struct rules_reader;

/* Connects when first used. FATAL: MONGO_URI cannot be used. */
enum result rules_reader_new(const struct settings *settings, struct rules_reader **ret,
                             struct err *err);
void rules_reader_free(struct rules_reader *r);
DEFINE_AUTO(rules_reader)

/* OK: what rules_reader_rules gives is no older than this call. RETRY: the store is away. */
enum result rules_reader_refresh(struct rules_reader *r, struct err *err);
/* Borrowed until the next refresh; NULL: none were read yet. */
struct rules *rules_reader_rules(const struct rules_reader *r);
