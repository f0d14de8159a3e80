/* SPDX-License-Identifier: MIT */
#include "gateway/routes.h"

#include "gateway/handlers.h"
#include "gateway/http.h"

#include <stdio.h>

/* clang-format off: a table is read by its columns */
const struct route routes[] = {
    {"POST", "/api/v1/logs", "/logs", SCOPE_INGEST, true, post_logs},
    {"POST", "/api/v1/logs/batch", "/logs/batch", SCOPE_INGEST, true, post_batch},
    {"POST", "/api/v1/logs/validate", "/logs/validate", SCOPE_INGEST, true, post_validate},
    {"POST", "/v1/logs", "/v1/logs", SCOPE_INGEST, true, post_otlp},
    {"GET", "/api/v1/logs", "/logs", SCOPE_READ, false, get_logs},
    {"GET", "/api/v1/logs/histogram", "/logs/histogram", SCOPE_READ, false, get_histogram},
    {"GET", "/api/v1/logs/facets", "/logs/facets", SCOPE_READ, false, get_facets},
    {"GET", "/api/v1/logs/export", "/logs/export", SCOPE_READ, false, get_export},
    {"GET", "/api/v1/logs/tail", "/logs/tail", SCOPE_READ, false, get_tail},
    {"GET", "/api/v1/logs/:id", "/logs/:id", SCOPE_READ, false, get_log},
    {"GET", "/api/v1/users/:id/timeline", "/users/:id/timeline", SCOPE_READ, false, get_timeline},
    {"GET", "/api/v1/stats/timeseries", "/stats/timeseries", SCOPE_READ, false, get_timeseries},
    {"GET", "/api/v1/stats/top", "/stats/top", SCOPE_READ, false, get_top},
    {"GET", "/api/v1/stats/unique", "/stats/unique", SCOPE_READ, false, get_unique},
    {"GET", "/api/v1/stats/live", "/stats/live", SCOPE_READ, false, get_live},
    {"GET", "/api/v1/stats", "/stats", SCOPE_READ, false, get_stats},
    {"GET", "/api/v1/admin/retention", "/admin/retention", SCOPE_ADMIN, false, get_retention},
    {"PUT", "/api/v1/admin/retention", "/admin/retention", SCOPE_ADMIN, false, put_retention},
    {"POST", "/api/v1/admin/deletions", "/admin/deletions", SCOPE_ADMIN, false, post_deletion},
    {"GET", "/api/v1/admin/deletions", "/admin/deletions", SCOPE_ADMIN, false, get_deletions},
    {"GET", "/api/v1/admin/deletions/:id", "/admin/deletions/:id", SCOPE_ADMIN, false,
     get_deletion},
    {"DELETE", "/api/v1/admin/deletions/:id", "/admin/deletions/:id", SCOPE_ADMIN, false,
     delete_deletion},
    {"POST", "/api/v1/admin/erasures", "/admin/erasures", SCOPE_ADMIN, false, post_erasure},
    {"GET", "/api/v1/admin/erasures", "/admin/erasures", SCOPE_ADMIN, false, get_erasures},
    {"GET", "/api/v1/admin/erasures/:id", "/admin/erasures/:id", SCOPE_ADMIN, false, get_erasure},
    {"GET", "/api/v1/admin/rejects", "/admin/rejects", SCOPE_ADMIN, false, get_rejects},
    {"POST", "/api/v1/admin/rejects/:id/replay", "/admin/rejects/:id/replay", SCOPE_ADMIN, false,
     replay_reject},
    {"GET", "/api/v1/admin/pipeline", "/admin/pipeline", SCOPE_ADMIN, false, get_pipeline},
    {"POST", "/api/v1/admin/counters/rebuild", "/admin/counters/rebuild", SCOPE_ADMIN, false,
     rebuild_counters},
    {"GET", "/api/v1/admin/keys", "/admin/keys", SCOPE_ADMIN, false, get_keys},
    {"POST", "/api/v1/admin/keys", "/admin/keys", SCOPE_ADMIN, false, post_key},
    {"DELETE", "/api/v1/admin/keys/:id", "/admin/keys/:id", SCOPE_ADMIN, false, delete_key},
    {"GET", "/api/v1/admin/limits", "/admin/limits", SCOPE_ADMIN, false, get_limits},
    {"PUT", "/api/v1/admin/limits", "/admin/limits", SCOPE_ADMIN, false, put_limits},
    {"GET", "/", "/", SCOPE_NONE, false, get_ui},
    {"GET", "/ui/app.js", "/ui", SCOPE_NONE, false, get_ui},
    {"GET", "/ui/style.css", "/ui", SCOPE_NONE, false, get_ui},
    {"GET", "/openapi.json", "/openapi.json", SCOPE_NONE, false, get_openapi},
    {"GET", "/asyncapi.json", "/asyncapi.json", SCOPE_NONE, false, get_asyncapi},
    {"GET", "/docs", "/docs", SCOPE_NONE, false, get_docs},
    {"GET", "/docs/:id", "/docs", SCOPE_NONE, false, get_docs_file},
    {"GET", "/health", "/health", SCOPE_NONE, true, get_health},
    {"GET", "/livez", "/livez", SCOPE_NONE, true, get_livez},
    {"GET", "/readyz", "/readyz", SCOPE_NONE, true, get_readyz},
    {"GET", "/metrics", "/metrics", SCOPE_NONE, true, get_metrics},
};
/* clang-format on */

const size_t route_count = sizeof routes / sizeof routes[0];

/* Does `path` fit the pattern, one segment of which may be a `:name`? */
static bool fits(const char *pattern, struct slice path, struct slice *ret_param)
{
    size_t same = 0;
    while (same < path.len && pattern[same] == path.data[same] && pattern[same] != ':' &&
           pattern[same] != '\0')
        same++;
    *ret_param = (struct slice){NULL, 0};
    if (pattern[same] != ':')
        return pattern[same] == '\0' && same == path.len;
    struct slice rest = {path.data + same, path.len - same};
    const char *slash = memchr(rest.data, '/', rest.len);
    size_t param_len = slash ? (size_t)(slash - rest.data) : rest.len;
    *ret_param = slice_make(rest.data, param_len);
    const char *after = pattern + same + strcspn(pattern + same, "/");
    return param_len > 0 &&
           slice_is(slice_make(rest.data + param_len, rest.len - param_len), after);
}

/* Word for word in the table? Then it is never the `:name` of another row, whatever the method. */
static bool stands(struct slice path)
{
    for (size_t i = 0; i < route_count; i++)
        if (slice_is(path, routes[i].path))
            return true;
    return false;
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

/* Which methods a path has is only asked for when it has not the one that came: telling costs more
 * than all the rest of the search. */
static void list_methods(struct slice path, bool ingest_only, struct route_match *ret)
{
    bool literal = stands(path);
    for (size_t i = 0; i < route_count; i++) {
        struct slice param;
        if ((routes[i].ingest || !ingest_only) && fits(routes[i].path, path, &param) &&
            !(literal && param.data))
            add_allow(ret->allow, sizeof ret->allow, routes[i].method);
    }
}

void route_find(struct slice method, struct slice path, bool ingest_only, struct route_match *ret)
{
    if (path.len > 1 && path.data[path.len - 1] == '/')
        path.len--;
    *ret = (struct route_match){NULL, {NULL, 0}, ""};
    for (size_t i = 0; i < route_count && !ret->route; i++)
        if ((routes[i].ingest || !ingest_only) && serves(&routes[i], method) &&
            fits(routes[i].path, path, &ret->param))
            ret->route = &routes[i];
    if (ret->route && ret->param.data && stands(path))
        ret->route = NULL;
    if (!ret->route)
        list_methods(path, ingest_only, ret);
}
