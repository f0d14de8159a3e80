/* SPDX-License-Identifier: MIT */
/* utf8.h - tells UTF-8 from other bytes, strictly (RFC 3629): no overlong forms, no surrogates,
 * nothing above U+10FFFF. Pure. */
#pragma once

#include <stddef.h>

/* The length (1 to 4) of the character that begins at `p`, or 0 when none does within `left`. */
size_t utf8_char_len(const char *p, size_t left);
