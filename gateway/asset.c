/* SPDX-License-Identifier: MIT */
#include "gateway/asset.h"

#include "common/ident.h"

void answer_asset(struct request *r, const char *content_type, struct slice bytes)
{
    AUTO_BUF tag = {0};

    buf_printf(&tag, "\"%016llx\"", (unsigned long long)hash64(bytes));
    answer_header(r, "etag", buf_slice(&tag));
    answer_header(r, "cache-control", slice_of("no-cache"));
    if (slice_eq(request_header(r, "if-none-match"), buf_slice(&tag)))
        answer_bytes(r, 304, content_type, slice_of(""));
    else
        answer_bytes(r, 200, content_type, bytes);
}
