/* SPDX-License-Identifier: MIT */
/* probes.h - is it there? One function for each thing that the gateway needs; all may block, none
 * for long. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"

struct producer;
struct store;

/* Makes the topics when they are missing, once; then asks whether they have leaders. */
struct kafka_probe {
    const struct settings *settings;
    struct producer *producer;
    bool topics_made;
};
enum result probe_kafka(void *kafka_probe, struct err *err);

enum result probe_store(void *store, struct err *err);

struct redis_probe;
struct redis_probe *redis_probe_new(const struct settings *settings); /* borrowed until _free */
void redis_probe_free(struct redis_probe *p);
DEFINE_AUTO(redis_probe)
enum result probe_redis(void *redis_probe, struct err *err);
