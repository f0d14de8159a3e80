/* SPDX-License-Identifier: MIT */
/* rule_store.h - rules in the document store as the gateway writes them: made, cancelled, made
 * known, and worked on by one gateway at a time. Blocks: for lookup threads and the jobs' own.
 *
 * A job belongs to whoever holds its lease; every change of it asks for the lease again, so one who
 * was asleep finds that it has lost it and writes nothing. */
#pragma once

#include "gateway/store.h"
#include "rules/rule_document.h"

enum { RULE_OPERATION_MS = 4000, RULE_LEASE_MS = 10000 };

/* A copy of the document, or NULL when there is none; the caller owns it. */
enum result rule_store_find(struct store *s, const char *collection, const bson_t *filter,
                            bson_t **ret, struct err *err);
enum result rule_store_find_id(struct store *s, const char *collection, const char *id,
                               bson_t **ret, struct err *err);

/* Makes a change of the rules known: every reader reads them again. `rule_id`, when not NULL, gets
 * the number first. */
enum result rule_store_publish(struct store *s, const char *rule_id, int64_t *ret_version,
                               struct err *err);

/* Takes or renews the lease, and sets `fields`. False in *ret_ours: it is another's, or the job is
 * in another state by now, as when it was cancelled. */
struct rule_lease {
    const char *id, *owner, *state;
};
enum result rule_store_set(struct store *s, const struct rule_lease *lease, const bson_t *fields,
                           bool *ret_ours, struct err *err);
