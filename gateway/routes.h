/* SPDX-License-Identifier: MIT */
/* routes.h - which handler serves what. Pure. */
#pragma once

#include "gateway/http.h"

extern const struct route routes[];
extern const size_t route_count;

struct route_match {
    const struct route *route; /* NULL: none */
    struct slice param;        /* still percent-encoded */
    char
        allow[64]; /* without a route: the path's methods, "GET, HEAD, POST"; empty: no such path */
};

/* `path` as sent, without the query; one '/' at its end does not matter. */
void route_find(struct slice method, struct slice path, bool ingest_only, struct route_match *ret);
