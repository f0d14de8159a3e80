/* SPDX-License-Identifier: MIT */
/* total.h - the words of a total: what was counted of one hour, day or week, in the document store.
 * Pure.
 *
 * A total is the sum over all shards of many buckets, so that reading a day costs a few documents,
 * however often and by whom it was counted. One document, a chunk, holds the rows of some of the
 * day's (service, action), each with those of its cells that are not zero:
 *
 *     {tenant, window, start, rows: {"auth|user%2Elogin": {in: 3, ef: 1}}, positions: {…}}
 *
 * Rows and cells are named briefly, since a reader's time goes with the bytes. */
#pragma once

#include "common/buf.h"
#include "schemas/stats.h"

/* So that days with hundreds of thousands of different actions stay far below the 16 MiB that a
 * document may have, while one with the usual hundreds takes no more than these. */
enum { TOTAL_CHUNKS = 32 };

/* From the finest to the coarsest. A week begins on Monday, as those of ISO 8601. */
enum total_span { TOTAL_HOUR, TOTAL_DAY, TOTAL_WEEK, TOTAL_SPAN_COUNT };
const char *total_span_name(enum total_span s);          /* the `window` of its totals: "week" */
int64_t total_span_start(enum total_span s, int64_t ms); /* UTC */
int64_t total_span_length_ms(enum total_span s);

unsigned total_chunk(struct slice service, struct slice action);

/* service|action, safe as the name of a field: '%', '.', '$', '|' and NUL percent-encoded. */
void total_row_name(struct buf *out, struct slice service, struct slice action);
/* The reverse, into `arena`, which the views live in until it is changed. */
bool total_row_parse(struct slice name, struct buf *arena, struct slice *ret_service,
                     struct slice *ret_action);

/* The initials of severity and outcome: "is" is info_success, "cn" critical_none. */
const char *total_cell_name(size_t cell);
bool total_cell_parse(struct slice name, size_t *ret);
