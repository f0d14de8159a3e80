/* SPDX-License-Identifier: MIT */
/* page_link.h - the Link header (RFC 8288) that leads to the next page. Pure. */
#pragma once

#include "common/buf.h"

/* </api/v1/logs?service=a&cursor=…>; rel="next": the request's own path and query, both as sent,
 * with `cursor` in place of `page` and of an earlier cursor. */
void page_link_write(struct buf *out, struct slice path, struct slice query, struct slice cursor);

/* The path and query of a request, kept for after it. */
struct page_url {
    struct buf path, query;
};

void page_url_keep(struct page_url *u, struct slice path, struct slice query);
void page_url_done(struct page_url *u);
/* Appends `,"nextCursor":"…"` to a body, and the Link's value to `link`. */
void page_url_add_next(const struct page_url *u, struct slice cursor, struct buf *body,
                       struct buf *link);
