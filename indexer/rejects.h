/* SPDX-License-Identifier: MIT */
/* rejects.h - a thread that keeps the collection `rejects`: what comes to the dead-letter topic is
 * written there, and what an administrator wants replayed is replayed (replay.h).
 *
 * It is a consumer group of its own, so one indexer of all does it, and has a store connection of
 * its own, so that it holds nobody up. When the store or Kafka does not take something it drops
 * what it has in hand and begins again at the committed offset: writing a letter again changes
 * nothing. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/health.h"
#include "common/settings.h"

struct rejects;

/* `settings` and `health` are borrowed until _free. */
enum result rejects_new(const struct settings *settings, struct health *health,
                        struct rejects **ret, struct err *err);
void rejects_free(struct rejects *r); /* joins */
DEFINE_AUTO(rejects)
