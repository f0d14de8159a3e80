/* SPDX-License-Identifier: MIT */
/* log_page.h - reads the logs of one page from the document store, by number or behind a position.
 * Blocks: for work(). */
#pragma once

#include "gateway/cursor.h"
#include "gateway/query_job.h"
#include "gateway/query_params.h"

#include <bson/bson.h>

struct log_page {
    const struct query_job *job;
    const struct log_query *q;
    const struct log_position *after; /* NULL: by number */
    /* Gets each log, at most q->limit; false ends the page early. */
    bool (*add)(void *ctx, const bson_t *doc);
    /* Gets the first log of the next page, when there is one; may be NULL. */
    void (*peek)(void *ctx, const bson_t *doc);
    void *ctx;
    /* the result */
    int64_t rows; /* one more than q->limit: there is a next page */
    bool _ended;
    struct buf _last_id;
    int64_t _last_ms;
};

/* In a zeroed struct but for the question. */
enum result log_page_read(struct log_page *page, struct err *err);
void log_page_done(struct log_page *page);
/* Where the page ended; false when it is empty. `ret->id` lives until _done. */
bool log_page_last(const struct log_page *page, struct log_position *ret);
/* Appends `,"nextCursor":"…"` to `body`, and the Link to `link`, when there is a next page. */
void log_page_add_next(const struct log_page *page, struct slice path, struct slice query,
                       struct buf *body, struct buf *link);
