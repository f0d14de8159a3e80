/* SPDX-License-Identifier: MIT */
/* asset.h - a file that is served as it is. Browsers keep it and ask each time whether it has
 * changed. */
#pragma once

#include "gateway/http.h"

/* 200 with the bytes, or 304 when the client's are the same. */
void answer_asset(struct request *r, const char *content_type, struct slice bytes);
