/* SPDX-License-Identifier: MIT */
/* dashboard.h - which Redis keys a record of the stats or enriched topic changes, and how. Pure.
 *
 * The keys are for others to read: their names, fields and lifetimes are the contract's. A key
 * expires at its window's start plus its lifetime, two days before the topic that feeds it forgets,
 * so that a rebuild brings back every key that would still be there, whole. */
#pragma once

#include "processor/tally.h"
#include "rules/erasures.h"
#include "schemas/dashboard_key.h"

/* `record_ms`: the stats record's own Kafka time. */
void dashboard_add_bucket(struct tally *t, const struct stats_bucket *bucket, int64_t record_ms);
void dashboard_add_meta(struct tally *t, const struct stats_meta *meta, int64_t now_ms);
/* An enriched record, as JSON that is ours; nothing when it names no user, or one who is erased. */
void dashboard_add_user(struct tally *t, struct slice enriched, const struct erasures *erasures);
/* The keys that may name the user of an erasure; returns how many. */
enum { DASHBOARD_USER_KEYS = 10 };
size_t dashboard_user_keys(const struct erasure *erasure, int64_t now_ms,
                           char keys[DASHBOARD_USER_KEYS][DASHBOARD_KEY_MAX]);
