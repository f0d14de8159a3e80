/* SPDX-License-Identifier: MIT */
/* rules_watch.h - a thread that keeps the rules at hand, for those who must not block. They are at
 * most about a second old while the store answers; while it does not, nobody can make new ones. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "rules/rules.h"

struct rules_watch;

enum result rules_watch_new(const struct settings *settings, struct rules_watch **ret,
                            struct err *err);
void rules_watch_free(struct rules_watch *w); /* after a stop was requested; joins */
DEFINE_AUTO(rules_watch)

/* Any thread. The caller is one more owner (rules_free); NULL: they are not known yet. */
struct rules *rules_watch_get(struct rules_watch *w);
