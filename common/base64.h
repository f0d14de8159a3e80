/* SPDX-License-Identifier: MIT */
/* base64.h - bytes as text (RFC 4648, section 4), with padding. Pure. */
#pragma once

#include "common/buf.h"

void base64_encode(struct buf *out, struct slice bytes);
