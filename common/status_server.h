/* SPDX-License-Identifier: MIT */
/* status_server.h - /health, /livez, /readyz[?verbose] and /metrics of a daemon that serves
 * nothing else, on a thread of its own. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/health.h"
#include "common/metrics.h"
#include "common/settings.h"

struct status_server;

/* Listens on settings->host:status_port; port 0 serves nothing and is OK. `health` and `metrics`
 * are borrowed until _free. FATAL when the port cannot be had. */
enum result status_server_new(const struct settings *settings, struct health *health,
                              struct metrics *metrics, struct status_server **ret, struct err *err);
void status_server_free(struct status_server *s); /* stops and joins the thread */
DEFINE_AUTO(status_server)
