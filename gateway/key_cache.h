/* SPDX-License-Identifier: MIT */
/* key_cache.h - the set of keys in a file, so that a gateway which starts while the store is away
 * knows them. The file holds no key, only hashes; still it is its owner's alone (mode 0600), since
 * who may write it may let himself in. Replaced whole, by rename. */
#pragma once

#include "common/buf.h"
#include "common/err.h"

/* RETRY: there is none yet. REJECT: it cannot be read, or others may touch it. */
enum result key_cache_read(const char *path, struct buf *ret, struct err *err);
enum result key_cache_write(const char *path, struct slice bytes, struct err *err);
