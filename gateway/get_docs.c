/* SPDX-License-Identifier: MIT */
/* GET /docs: /openapi.json, readable, by Swagger UI out of DOCS_DIR. Nothing comes from elsewhere.
 */
#include "gateway/asset.h"
#include "gateway/docs_dir.h"
#include "gateway/handlers.h"

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const char html[] = "text/html; charset=utf-8";

static const char page[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>Activity Log Service: "
    "API</title>"
    "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\">"
    "</head>\n<body><div id=\"docs\"></div><script src=\"/docs/swagger-ui-bundle.js\"></script>"
    "<script src=\"/docs/start.js\"></script></body></html>\n";

static const char page_without[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<title>Activity Log Service: API</title></head>\n<body><h1>API</h1>"
    "<p>The interface is described in <a href=\"/openapi.json\">/openapi.json</a>, the topics in "
    "<a href=\"/asyncapi.json\">/asyncapi.json</a>.</p>"
    "<p>To read it here, get Swagger UI and start the gateway with its folder:</p>"
    "<pre>npm install swagger-ui-dist\nDOCS_DIR=node_modules/swagger-ui-dist als-gateway</pre>"
    "</body></html>\n";

static const char start[] =
    "SwaggerUIBundle({url: '/openapi.json', dom_id: '#docs', deepLinking: true, "
    "validatorUrl: null});\n";

void get_docs(struct request *r)
{
    bool whole = docs_dir_is_whole(loop_gateway(r->loop)->docs);

    r->content_policy = policy;
    answer_asset(r, html, slice_of(whole ? page : page_without));
}

void get_docs_file(struct request *r)
{
    const struct docs_file *file = docs_dir_find(loop_gateway(r->loop)->docs, r->param);

    if (slice_is(r->param, "start.js"))
        answer_asset(r, "text/javascript; charset=utf-8", slice_of(start));
    else if (file)
        answer_asset(r, file->content_type, file->bytes);
    else
        answer_error(r, 404, "not_found", "File not found");
}
