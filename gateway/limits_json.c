/* SPDX-License-Identifier: MIT */
#include "gateway/limits_json.h"

/* "name":n, where there is one */
static void add(struct buf *out, const char *name, int64_t n, int64_t none)
{
    buf_printf(out, "\"%s\":", name);
    if (n == none)
        buf_add_text(out, "null,");
    else
        buf_printf(out, "%lld,", (long long)n);
}

void limits_json_add(struct buf *out, const struct limits_view *view)
{
    buf_add_text(out, "{\"success\":true,\"data\":{");
    add(out, "requestsPerMinute", view->in_force, 0);
    add(out, "ingestRequestsPerMinute", 2 * view->in_force, 0);
    add(out, "ofTenant", view->own, -1);
    add(out, "ofService", view->most, 0);
    buf_printf(out, "\"per\":\"%s\"}}", view->per);
}
