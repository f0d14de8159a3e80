/* SPDX-License-Identifier: MIT */
/* deletion.h - which logs one deletion takes away: those of a tenant that its filter selects and
 * that had been received when it was asked for. Pure. */
#pragma once

#include "rules/log_facts.h"

struct deletion;

/* NULL: the document is none, or its filter cannot be read. */
struct deletion *deletion_of(const bson_t *doc);
void deletion_free(struct deletion *d);

struct slice deletion_tenant(const struct deletion *d); /* a view */

bool deletion_covers(const struct deletion *d, const struct log_facts *facts, struct slice json);
