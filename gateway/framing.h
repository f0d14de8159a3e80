/* SPDX-License-Identifier: MIT */
/* framing.h - does a request say in one way only where its body ends? Pure.
 *
 * libh2o takes the first Content-Length of several, and Transfer-Encoding before it. A proxy in
 * front may choose otherwise, and what one takes for the end of a body is the next request to the
 * other: so one client could put words into another's mouth. */
#pragma once

#include "common/slice.h"

#include <stdbool.h>

/* `head` begins with the request line, names in lower case; what is behind the blank line is not
 * looked at. */
bool framing_is_clear(struct slice head);
