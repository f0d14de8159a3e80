/* SPDX-License-Identifier: MIT */
/* pace.h - how large a transaction gets. Pure.
 *
 * Whoever keeps up commits within 100 ms, so that Redis and the document store follow at once. With
 * a backlog a record waits anyhow, and large transactions cost less: a bucket's statistics are sent
 * once a transaction, however many records it counts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
    bool has_backlog;
    int64_t last_commit_ms; /* how long it took */
};

/* `waiting`: records known to be left. Before each transaction, and when nothing came. */
void pace_look(struct pace *p, int64_t waiting);
bool pace_is_full(const struct pace *p, size_t records, size_t bytes); /* whatever its age */
int64_t pace_left_ms(const struct pace *p, int64_t age_ms); /* until its age makes it due; 0: is */
