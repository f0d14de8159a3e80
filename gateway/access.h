/* SPDX-License-Identifier: MIT */
/* access.h - who may do what on this gateway: the keys and the limits of tenants, in memory, read
 * anew from the store every ACCESS_EVERY_MS and kept in a file besides.
 *
 * A request costs one load of a number that seldom changes, a hash and a search; it takes no lock,
 * since each loop holds a reference to the set that was good when the number last changed.
 *
 * While the store is away the last known set holds; what it does not know may still be good, which
 * is why access_is_current is asked before a key is called wrong. */
#pragma once

#include "common/settings.h"
#include "gateway/key_set.h"

struct store;
struct access;
struct access_reader;

enum { ACCESS_EVERY_MS = 2000 };

/* `settings` is borrowed. Knows what the cache file holds; log lines say when that is nothing. */
struct access *access_new(const struct settings *settings);
void access_free(struct access *a);
DEFINE_AUTO(access)

/* Any thread; blocks. Reads keys and limits, and lets every reader see them. */
enum result access_reload(struct access *a, struct store *store, struct err *err);
/* Any thread: did the last reload succeed? */
bool access_is_current(const struct access *a);

/* Reloads every ACCESS_EVERY_MS, on a thread of its own. Free it after a stop was requested. */
struct access_watch *access_watch_new(struct access *a, struct store *store);
void access_watch_free(struct access_watch *w);
DEFINE_AUTO(access_watch)

/* One for each loop, on its thread. `a` is borrowed until _free. */
struct access_reader *access_reader_new(struct access *a);
void access_reader_free(struct access_reader *r);

/* The key whose text this is, expired or not; NULL: there is none. Valid until the reader is asked
 * again. `now_ms` (wall) becomes its last use. */
const struct api_key *access_find(struct access_reader *r, struct slice text, int64_t now_ms);
/* Is the key of this id still good, for an answer that goes on for long? */
bool access_still_good(struct access_reader *r, struct slice id, int64_t now_ms);
/* As many keys as a gateway keeps (KEYS_MAX): a further one might not be among them. */
bool access_is_full(struct access_reader *r);
/* Requests per minute of each of the tenant's clients; 0: no limit. What MAX_REQUESTS_PER_MINUTE
 * says stands, unless the tenant's own is lower. */
int64_t access_limit(struct access_reader *r, struct slice tenant);
/* The tenant's own, -1: none. */
int64_t access_own_limit(struct access_reader *r, struct slice tenant);
