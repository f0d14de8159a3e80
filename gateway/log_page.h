/* SPDX-License-Identifier: MIT */
/* log_page.h - reads the logs of one page from the document store, by number or behind a position.
 * Blocks: for work(). */
#pragma once

#include "gateway/cursor.h"
#include "gateway/page_link.h"
#include "gateway/query_job.h"
#include "gateway/query_params.h"

#include <bson/bson.h>

struct log_page {
    const struct query_job *job;
    const struct log_query *q;
    const struct log_position *after; /* NULL: by number */
    /* Gets each log, at most q->limit; false ends the page early, without this log. */
    bool (*add)(void *ctx, const bson_t *doc);
    /* Gets the first log of the next page, when there is one; may be NULL. */
    void (*peek)(void *ctx, const bson_t *doc);
    void *ctx;
    /* the result */
    int64_t rows; /* one more than q->limit: there is a next page */
    bool _ended;
    struct buf _last_id;
    int64_t _last_ms;
    int64_t _next_ms; /* of the first log of the next page */
    struct page_url _url;
    struct buf _cursor;
    struct log_position _after; /* points into _cursor */
};

/* For a handler: takes the page that a request asks for, `q` being its query as read, into a zeroed
 * struct. A fault when `q` has a cursor that is none of this tenant and these filters. */
void log_page_ask(struct log_page *page, const struct log_query *q, const struct request *r,
                  struct faults *faults);
/* In a zeroed struct but for the question. */
enum result log_page_read(struct log_page *page, struct err *err);
void log_page_done(struct log_page *page);
/* Where the page ended; false when it is empty. `ret->id` lives until _done. */
bool log_page_last(const struct log_page *page, struct log_position *ret);
/* False when `add` ended the page: the fault says how many logs would fit. A shorter page instead
 * would be a gap for those who count pages. */
bool log_page_fits(const struct log_page *page, struct faults *faults);
/* After log_page_ask: appends `,"nextCursor":"…"` to `body`, and the Link to `link`, when there is
 * a next page. */
void log_page_add_next(const struct log_page *page, struct buf *body, struct buf *link);
