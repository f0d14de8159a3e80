/* SPDX-License-Identifier: MIT */
/* key_set.h - the keys that are good and the limits of tenants, as of one moment: built once, then
 * only read, by any thread that holds a reference. As JSON it is what the cache file holds, and how
 * two sets are told apart. */
#pragma once

#include "gateway/api_key.h"

enum { KEYS_MAX = 10000, LIMITS_MAX = 10000 };

struct key_set;

struct key_set *key_set_new(void); /* with one reference */
struct key_set *key_set_ref(struct key_set *set);
void key_set_unref(struct key_set *set); /* NULL is fine */

/* While it is built; what is over KEYS_MAX or LIMITS_MAX is left out. */
void key_set_add(struct key_set *set, const struct api_key *key);
void key_set_add_limit(struct key_set *set, struct slice tenant, int64_t per_minute);
void key_set_finish(struct key_set *set); /* last: makes it fit to be searched */

struct api_key *key_set_find(struct key_set *set, struct slice id); /* NULL: unknown */
struct api_key *key_set_at(struct key_set *set, size_t i);          /* NULL: behind the last */
/* The tenant's own limit; -1: it has none. */
int64_t key_set_limit(const struct key_set *set, struct slice tenant);

/* `source` says which store it comes from. The same set gives the same bytes. */
void key_set_render(const struct key_set *set, struct slice source, struct buf *out);
/* REJECT: not what key_set_render writes, or of another source. */
enum result key_set_parse(struct slice json, struct slice source, struct key_set **ret,
                          struct err *err);
