/* SPDX-License-Identifier: MIT */
/* user_agent.h - browser, system and kind of device, as far as a User-Agent header tells. Pure.
 *
 * Substrings in a fixed order (MDN, "Browser detection using the user agent"): good for charts, not
 * for decisions. What is not recognised is left out. */
#pragma once

#include "common/slice.h"

struct user_agent {
    struct slice browser, os, device; /* absent: data == NULL; static text */
    bool bot;
};

void user_agent_read(struct slice header, struct user_agent *ret);
