/* SPDX-License-Identifier: MIT */
/* base64url.h - bytes as text that needs no escaping in a URL (RFC 4648, section 5, no padding).
 * Pure. */
#pragma once

#include "common/buf.h"

void base64url_encode(struct buf *out, struct slice bytes);
/* False, with `out` in an unspecified state, when the text is not what base64url_encode writes. */
bool base64url_decode(struct buf *out, struct slice text);
