/* SPDX-License-Identifier: MIT */
/* dedupe.h - the ids that one partition has seen lately. Pure.
 *
 * Remembers the last `max_ids` ids of the last `window_ms` of append time, oldest forgotten
 * first: 38 bytes an id at most, grown as it fills. Times come from the log itself, so that a
 * replay decides as the first run did. */
#pragma once

#include "common/auto.h"
#include "common/ident.h"

#include <stdbool.h>

enum dedupe_verdict {
    DEDUPE_NEW,
    DEDUPE_SAME,     /* seen, with this content: a retry */
    DEDUPE_CONFLICT, /* seen, with other content */
};

struct dedupe;

/* A window of 0 remembers nothing. */
struct dedupe *dedupe_new(size_t max_ids, int64_t window_ms);
void dedupe_free(struct dedupe *d);
DEFINE_AUTO(dedupe)

/* Says that dedupe_check will soon ask for `id`: fetches what it will look at into the cache. */
void dedupe_expect(const struct dedupe *d, struct hash128 id);

/* Forgets what is older than the window as of `append_ms`, then says whether `id` is known. */
enum dedupe_verdict dedupe_check(struct dedupe *d, struct hash128 id, uint64_t content,
                                 int64_t append_ms);
/* Remembers an id that dedupe_check has just called new. */
void dedupe_add(struct dedupe *d, struct hash128 id, uint64_t content, int64_t append_ms);

size_t dedupe_count(const struct dedupe *d);
int64_t dedupe_covered_ms(const struct dedupe *d); /* from the oldest id to the newest */
