/* SPDX-License-Identifier: MIT */
/* GET /: the web page. Its three files are part of the program. */
#include "gateway/asset.h"
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

    r->content_policy = policy;
    answer_asset(r, a->content_type, slice_make(a->bytes, a->len));
}
