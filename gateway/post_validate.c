/* SPDX-License-Identifier: MIT */
#include "gateway/handlers.h"

#include "gateway/ingest.h"

void post_validate(struct request *r)
{
    if (ingest_check(r))
        answer_json(r, 200, slice_of("{\"success\":true,\"valid\":true}"));
}
