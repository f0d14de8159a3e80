/* SPDX-License-Identifier: MIT */
/* rule_sweep.h - walks a tenant's logs, newest first, in slices of time that hold about a thousand
 * of them, and changes those that a rule means. Every step is bounded, whatever the filter: one
 * that no index serves costs a look at each log, but never a long query. Blocks. */
#pragma once

#include "gateway/rule_target.h"
#include "gateway/store.h"

struct rule_progress {
    int64_t to_ms;  /* all that is newer is done; INT64_MAX: not begun */
    bool user_done; /* of an erasure: what the index of users finds */
    int64_t scanned, changed;
};

/* One step. *ret_done: there is nothing older. */
enum result rule_sweep(struct store *s, const struct rule_target *t, struct rule_progress *p,
                       bool *ret_done, struct err *err);
/* How many logs a deletion means, as far as it can be told within `limit_ms` (else REJECT). */
enum result rule_count(struct store *s, const struct rule_target *t, int64_t limit_ms,
                       int64_t *ret_count, struct err *err);
/* A step through the refused records of an erasure; *at_ms is the place, INT64_MAX at first. */
enum result rule_sweep_rejects(struct store *s, const struct rule_target *t, int64_t *at_ms,
                               int64_t *changed, bool *ret_done, struct err *err);
