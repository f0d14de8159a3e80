/* SPDX-License-Identifier: MIT */
/* page_link.h - the Link header (RFC 8288) that leads to the next page. Pure. */
#pragma once

#include "common/buf.h"

/* </api/v1/logs?service=a&cursor=…>; rel="next": the request's own path and query, both as sent,
 * with `cursor` in place of `page` and of an earlier cursor. */
void page_link_write(struct buf *out, struct slice path, struct slice query, struct slice cursor);
