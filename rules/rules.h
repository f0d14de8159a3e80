/* SPDX-License-Identifier: MIT */
/* rules.h - all that decides whether, how and how long a log is kept: erasures, deletions,
 * retention. Pure; a snapshot, filled once and then only read, by any number of threads. */
#pragma once

#include "rules/erasures.h"
#include "rules/log_facts.h"
#include "rules/retention.h"

struct rules;

/* `days`: the retention where a tenant has set none. */
struct rules *rules_new(int64_t version, int64_t days);
struct rules *rules_share(struct rules *r); /* one more owner */
void rules_free(struct rules *r);           /* one owner less */
DEFINE_AUTO(rules)

int64_t rules_version(const struct rules *r);
const struct erasures *rules_erasures(const struct rules *r);

/* Adds what a document of `erasures` or `settings` says; what is no rule counts for nothing. */
void rules_add(struct rules *r, const bson_t *doc);

enum verdict { VERDICT_KEEP, VERDICT_DROP, VERDICT_MASK };

/* `json` is the same log as the enriched topic has it, for the deletions' filters (data == NULL:
 * they are passed over). With
 * VERDICT_MASK, *ret_salt is a view into the rules. */
enum verdict rules_judge(const struct rules *r, const struct log_facts *facts, struct slice json,
                         struct slice *ret_salt);

/* Does the verdict ever differ from VERDICT_KEEP? */
bool rules_take_away(const struct rules *r);

/* Are a tenant's logs there as they were counted: none taken away, all kept for the same time? */
bool rules_keep_alike(const struct rules *r, struct slice tenant);

/* Of a tenant; views into the rules. */
struct retention rules_retention(const struct rules *r, struct slice tenant);
