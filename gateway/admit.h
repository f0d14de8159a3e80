/* SPDX-License-Identifier: MIT */
/* admit.h - may this request be served: by which key, for which tenant, and not too often. */
#pragma once

#include "gateway/http.h"

/* For a request with a route. Settles r->tenant and r->key_id. False: answered, 400, 401, 403, 429
 * or 503. */
bool admit(struct request *r);
/* For one without: nobody has to say who he is to be told so, but not too often. */
bool admit_lost(struct request *r);
/* May the caller see and do what concerns all tenants at once? Under AUTH=keys only with a key of
 * the tenant `default`, which is the operator's. */
bool admit_is_operator(const struct request *r);
/* For an answer that goes on for long: is its key still good? Ask every few seconds. */
bool admit_still(const struct request *r);
