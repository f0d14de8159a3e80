/* SPDX-License-Identifier: MIT */
/* meters.h - what the gateway counts. Any thread. */
#pragma once

#include "common/auto.h"
#include "common/metrics.h"

struct route;
struct gateway_meters;

struct gateway_meters *gateway_meters_new(struct metrics *metrics); /* borrowed until _free */
void gateway_meters_free(struct gateway_meters *m);
DEFINE_AUTO(gateway_meters)

/* One answer; `route` is NULL for what no route served. */
void meters_request(struct gateway_meters *m, const struct route *route, int status,
                    double seconds);
/* Records, each once when it comes in and once when its fate is known. */
void meters_received(struct gateway_meters *m, size_t records);
void meters_accepted(struct gateway_meters *m, size_t records);
void meters_rejected(struct gateway_meters *m, const char *reason, size_t records);
void meters_failed(struct gateway_meters *m, const char *reason, size_t records);
void meters_ack(struct gateway_meters *m, double seconds);
void meters_open(struct gateway_meters *m, size_t connections, size_t exports, size_t tails);
