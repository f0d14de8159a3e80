/* SPDX-License-Identifier: MIT */
/* cursor.h - where a page ended, as opaque text for the client to give back. Pure.
 *
 * The bytes, in base64url:
 *
 *     +---------+-----------+-----------------------+----------------------+
 *     | 1 byte  | 8 bytes   | 8 bytes               | 0 to 129 bytes       |
 *     | version | check sum | timestamp, ms, signed | _id as it is stored  |
 *     +---------+-----------+-----------------------+----------------------+
 *
 * numbers little-endian. The check sum covers the position, the tenant, the filters and the order,
 * so that a cursor serves only the question that it came from. It is no secret: a forged one would
 * still be a position among logs of the same tenant and filters, which are always applied. */
#pragma once

#include "common/buf.h"
#include "gateway/query_params.h"

struct log_position {
    int64_t timestamp_ms;
    struct slice id; /* as stored; empty: nothing of that timestamp is left */
};

void cursor_write(struct buf *out, const struct log_query *q, struct slice tenant,
                  const struct log_position *last);
/* False when `text` is no cursor of this tenant and these filters. `ret->id` points into `arena`,
 * which is cleared. */
bool cursor_read(struct slice text, const struct log_query *q, struct slice tenant,
                 struct buf *arena, struct log_position *ret);
