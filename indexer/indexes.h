/* SPDX-License-Identifier: MIT */
/* indexes.h - the indexes that the queries and the expiry rest on. */
#pragma once

#include "indexer/store.h"

/* Creates what is missing; a store that has them all is asked and not changed. RETRY: it does not
 * serve now. REJECT: it has another index in the way, which an operator must settle; all the
 * others have been created. */
enum result indexes_ensure(struct store *store, struct err *err);
