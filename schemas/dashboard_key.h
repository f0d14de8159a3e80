/* SPDX-License-Identifier: MIT */
/* dashboard_key.h - what the keys in Redis are called, which the processor writes and others read.
 * Pure. The names are the contract's. */
#pragma once

#include "schemas/stats.h"

#define DASHBOARD_PREFIX "{als}:"
#define DASHBOARD_POSITION DASHBOARD_PREFIX "position"

enum { DASHBOARD_KEY_MAX = 160, DASHBOARD_USER_DAYS = 7 /* from a window's start */ };

/* {als}:<tenant>:<name><window>:<start>, NUL-terminated; returns its length. */
size_t dashboard_key_window(char out[DASHBOARD_KEY_MAX], struct slice tenant, const char *name,
                            enum window window, int64_t start_ms);
