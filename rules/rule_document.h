/* SPDX-License-Identifier: MIT */
/* rule_document.h - rules as MongoDB keeps them. Pure; views into the documents.
 *
 * Collection `erasures`, one document a rule with its job:
 *   {_id, kind: "erasure" | "deletion" | "retention", tenant, createdAt, version, state, …}
 *   of an erasure   userId, mode, salt
 *   of a deletion   filter (the text of a query string), all
 * Collection `settings`: {_id: "retention/TENANT", kind: "retention-setting", tenant, days, rules:
 * [{service, severity, days}]}, and {_id: "rules", version}, which grows with every change. */
#pragma once

#include "rules/erasures.h"
#include "rules/retention.h"

#include <bson/bson.h>

#define RULES_COLLECTION "erasures"
#define SETTINGS_COLLECTION "settings"
#define RULES_VERSION_ID "rules"

struct slice rule_document_text(const bson_t *doc, const char *name); /* data == NULL: absent */
int64_t rule_document_number(const bson_t *doc, const char *name);    /* 0: absent; dates too */
bool rule_document_flag(const bson_t *doc, const char *name);

/* False: it is none. `version` stands in for one that it does not have yet. */
bool rule_document_erasure(const bson_t *doc, int64_t version, struct erasure *ret);
/* Reads `rules`; returns how many. */
size_t rule_document_retention(const bson_t *doc, struct retention_rule *rules, size_t max);
