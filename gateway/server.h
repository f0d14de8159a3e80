/* SPDX-License-Identifier: MIT */
/* server.h - the listening ports and the loops that serve them. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "gateway/http.h"

struct server;

/* Takes the ports and makes the loops; serves nothing yet. `gateway` is borrowed until _free. FATAL
 * when another program has a port. */
enum result server_new(struct gateway *gateway, struct server **ret, struct err *err);
/* Stops the loops. They run until here, so that what other threads still post finds them. */
void server_free(struct server *s);
DEFINE_AUTO(server)

/* Serves until a stop is requested, then drains: no request is left when it returns. */
void server_run(struct server *s);

struct producer *server_producer(struct server *s); /* of the first loop, for probing */
