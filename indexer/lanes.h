/* SPDX-License-Identifier: MIT */
/* lanes.h - writes a list of changes through two connections at once: the store works on one
 * command at a time for each connection, and waiting for it is most of a write.
 *
 * Two changes of one _id go the same way, in their order: so the first of them still wins, and
 * writers that keep to one order of ids never wait for each other in a circle. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "indexer/refusal.h"
#include "indexer/store.h"

enum { LANES_MAX = 4000 }; /* changes at once: FerretDB takes half as long for each as with 1,000 */

/* lanes_store_write, which is store_write of a struct store, or a test's. */
typedef enum result write_fn(void *ctx, enum collection c, const struct change *changes,
                             size_t count, struct refusals *refused, struct err *err);

write_fn lanes_store_write;

struct lanes;

/* `mine` is used by the caller's thread, `other` by a thread of the lanes' own; both borrowed.
 * Without another one lane has to do. */
enum result lanes_new(write_fn *write, void *mine, void *other, struct lanes **ret,
                      struct err *err);
void lanes_free(struct lanes *l);
DEFINE_AUTO(lanes)

/* As store_write; at most LANES_MAX changes. After RETRY some may be done. */
enum result lanes_write(struct lanes *l, enum collection c, const struct change *changes,
                        size_t count, struct refusals *refused, struct err *err);
