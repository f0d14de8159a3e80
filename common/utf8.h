/* SPDX-License-Identifier: MIT */
/* utf8.h - tells UTF-8 from other bytes, strictly (RFC 3629): no overlong forms, no surrogates,
 * nothing above U+10FFFF. Pure. */
#pragma once

#include "common/slice.h"

#include <stdint.h>

/* The length (1 to 4) of the character that begins at `p`, or 0 when none does within `left`. */
size_t utf8_char_len(const char *p, size_t left);
bool utf8_valid(struct slice text);

/* The code point of a character that utf8_char_len accepts, and the other way round. */
uint32_t utf8_decode(const char *p, size_t len);
size_t utf8_encode(uint32_t code, char out[4]);
/* The letter of the other case, or the same character: of ASCII, Latin-1, Latin Extended-A, Greek
 * and Cyrillic. Both cases take the same number of bytes. */
uint32_t utf8_other_case(uint32_t code);
/* In place, valid text: each letter to its small one. */
void utf8_fold(char *text, size_t len);
