/* SPDX-License-Identifier: MIT */
#include "schemas/dashboard_key.h"

#include "common/iso8601.h"

#include <assert.h>
#include <stdio.h>

/* How a window is written in a key: so much of its start's timestamp, and Z when it has a time. */
static const struct {
    size_t len;
    bool has_time;
} stamps[WINDOW_COUNT] = {[WINDOW_MINUTE] = {16, true}, {13, true}, {10, false}};

size_t dashboard_key_window(char out[DASHBOARD_KEY_MAX], struct slice tenant, const char *name,
                            enum window window, int64_t start_ms)
{
    char stamp[ISO8601_LEN];

    iso8601_format(start_ms, stamp);
    int len = snprintf(out, DASHBOARD_KEY_MAX, DASHBOARD_PREFIX "%.*s:%s%s:%.*s%s",
                       SLICE_ARG(tenant), name, window_name(window), (int)stamps[window].len, stamp,
                       stamps[window].has_time ? "Z" : "");
    assert(len > 0 && len < DASHBOARD_KEY_MAX);
    return (size_t)len;
}
