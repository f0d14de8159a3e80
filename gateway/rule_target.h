/* SPDX-License-Identifier: MIT */
/* rule_target.h - which stored logs a rule's job changes, and how, as the document store
 * understands it. Pure.
 *
 * Whatever is found has been changed when it is found no more: deleted, masked, or kept until the
 * right day. So a job can look, act, and look again, and be interrupted anywhere. */
#pragma once

#include "common/auto.h"
#include "rules/rule_document.h"
#include "schemas/selection.h"

enum rule_kind { RULE_ERASURE, RULE_DELETION, RULE_RETENTION };

struct rule_target {
    enum rule_kind kind;
    struct slice tenant;
    int64_t at_ms;
    struct erasure erasure;
    struct selection selection;
    struct retention retention;
    struct retention_rule rules[RETENTION_RULES_MAX];
};

/* `setting`: the tenant's document in `settings`, for RULE_RETENTION. Both are borrowed until
 * _free. NULL: this is no rule. */
struct rule_target *rule_target_new(const bson_t *rule, const bson_t *setting);
void rule_target_free(struct rule_target *t);
DEFINE_AUTO(rule_target)

/* From and to, both included; INT64_MIN and INT64_MAX: open. */
struct rule_span {
    int64_t from_ms, to_ms;
};
struct rule_span rule_target_span(const struct rule_target *t);

/* Appended to an empty `out`. `of_user`: the logs of an erasure that an index finds at once, by
 * userId; the others have only the actor's id. */
void rule_target_filter(const struct rule_target *t, struct rule_span span, bool of_user,
                        bson_t *out);
/* What a retention changes: the stages of an update. */
void rule_target_keep(const struct rule_target *t, bson_t *out);
