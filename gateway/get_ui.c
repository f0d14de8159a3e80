/* SPDX-License-Identifier: MIT */
/* GET /: the web page. Its three files are part of the program; browsers keep them and ask each
 * time whether they have changed. */
#include "common/ident.h"
#include "gateway/handlers.h"
#include "gateway/http.h"

#include "ui_assets.h"

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const struct asset {
    const char *path, *content_type;
    const unsigned char *bytes;
    size_t len;
} assets[] = {
    {"/ui/app.js", "text/javascript; charset=utf-8", app_js, sizeof app_js},
    {"/ui/style.css", "text/css; charset=utf-8", style_css, sizeof style_css},
    {"/", "text/html; charset=utf-8", index_html, sizeof index_html}, /* the last: for any other */
};

static const struct asset *asset_at(const char *path)
{
    const struct asset *a = assets;
    while (strcmp(a->path, "/") != 0 && strcmp(a->path, path) != 0)
        a++;
    return a;
}

void get_ui(struct request *r)
{
    const struct asset *a = asset_at(r->route->path);
    struct slice bytes = slice_make(a->bytes, a->len);
    AUTO_BUF tag = {0};

    buf_printf(&tag, "\"%016llx\"", (unsigned long long)hash64(bytes));
    answer_header(r, "etag", buf_slice(&tag));
    answer_header(r, "cache-control", slice_of("no-cache"));
    r->content_policy = policy;
    if (slice_eq(request_header(r, "if-none-match"), buf_slice(&tag)))
        answer_bytes(r, 304, a->content_type, slice_of(""));
    else
        answer_bytes(r, 200, a->content_type, bytes);
}
