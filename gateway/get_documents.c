/* SPDX-License-Identifier: MIT */
/* GET /openapi.json and /asyncapi.json: what the gateway and the topics take and give, for programs
 * to read. */
#include "gateway/asset.h"
#include "gateway/handlers.h"

#include "documents.h"

static const char json[] = "application/json; charset=utf-8";

void get_openapi(struct request *r)
{
    answer_asset(r, json, slice_make(openapi_json, sizeof openapi_json));
}

void get_asyncapi(struct request *r)
{
    answer_asset(r, json, slice_make(asyncapi_json, sizeof asyncapi_json));
}
