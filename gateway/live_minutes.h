/* SPDX-License-Identifier: MIT */
/* live_minutes.h - the last sixty minutes, one by one. Pure. */
#pragma once

#include "common/buf.h"
#include "schemas/record.h"

enum { LIVE_MINUTES = 60, LIVE_MINUTE_MS = 60000 };

struct live_service {
    struct slice name;
    uint64_t count;
    char *_text; /* owned: the name */
};

struct live_minute {
    uint64_t count, severity[SEVERITY_COUNT], outcome[OUTCOME_COUNT];
    struct live_service *services;
    size_t service_count;
};

struct live_minutes {
    int64_t start_ms; /* of the first; the last is the current minute */
    struct live_minute minutes[LIVE_MINUTES];
};

void live_minutes_init(struct live_minutes *l, int64_t now_ms);
void live_minutes_done(struct live_minutes *l);
void live_minute_add_service(struct live_minute *m, struct slice name, uint64_t count);
/* One field of the hash that Redis holds for a minute: count, info …, service:<name>. */
void live_minute_field(struct live_minute *m, struct slice name, uint64_t n);
/* [{"start","end","count","severity":{…},"outcome":{…},"services":{…}}, …] */
void live_minutes_render(struct live_minutes *l, struct buf *out);
