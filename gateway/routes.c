/* SPDX-License-Identifier: MIT */
#include "gateway/routes.h"

#include "gateway/handlers.h"
#include "gateway/http.h"

#include <stdio.h>

/* clang-format off: a table is read by its columns */
const struct route routes[] = {
    {"POST", "/api/v1/logs", "/logs", true, post_logs},
    {"POST", "/api/v1/logs/batch", "/logs/batch", true, post_batch},
    {"POST", "/api/v1/logs/validate", "/logs/validate", true, post_validate},
    {"GET", "/api/v1/logs", "/logs", false, get_logs},
    {"GET", "/api/v1/logs/:id", "/logs/:id", false, get_log},
    {"GET", "/api/v1/stats", "/stats", false, get_stats},
    {"GET", "/health", "/health", true, get_health},
    {"GET", "/livez", "/livez", true, get_livez},
    {"GET", "/readyz", "/readyz", true, get_readyz},
    {"GET", "/metrics", "/metrics", true, get_metrics},
};
/* clang-format on */

const size_t route_count = sizeof routes / sizeof routes[0];

/* Does `path` fit the pattern, whose last segment may be a `:name`? */
static bool fits(const char *pattern, struct slice path, struct slice *ret_param)
{
    const char *colon = strchr(pattern, ':');
    size_t fixed = colon ? (size_t)(colon - pattern) : strlen(pattern);
    *ret_param = (struct slice){NULL, 0};
    if (path.len < fixed || memcmp(path.data, pattern, fixed) != 0)
        return false;
    struct slice rest = {path.data + fixed, path.len - fixed};
    if (!colon)
        return rest.len == 0;
    *ret_param = rest;
    return rest.len > 0 && !memchr(rest.data, '/', rest.len);
}

static bool serves(const struct route *route, struct slice method)
{
    return slice_is(method, route->method) ||
           (slice_is(method, "HEAD") && strcmp(route->method, "GET") == 0);
}

static void add_allow(char *allow, size_t size, const char *method)
{
    const char *names = strcmp(method, "GET") == 0 ? "GET, HEAD" : method;
    size_t len = strlen(allow);
    if (!strstr(allow, names))
        snprintf(allow + len, size - len, "%s%s", len > 0 ? ", " : "", names);
}

void route_find(struct slice method, struct slice path, bool ingest_only, struct route_match *ret)
{
    if (path.len > 1 && path.data[path.len - 1] == '/')
        path.len--;
    *ret = (struct route_match){NULL, {NULL, 0}, ""};
    for (size_t i = 0; i < route_count; i++) {
        struct slice param;
        if ((ingest_only && !routes[i].ingest) || !fits(routes[i].path, path, &param))
            continue;
        add_allow(ret->allow, sizeof ret->allow, routes[i].method);
        if (!ret->route && serves(&routes[i], method)) {
            ret->route = &routes[i];
            ret->param = param;
        }
    }
}
