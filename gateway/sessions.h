/* SPDX-License-Identifier: MIT */
/* sessions.h - a user's logs, newest first, gathered into sessions. Pure.
 *
 * A session is what bears the same sessionId. Logs without one make a session of their own, which
 * ends where nothing happened for SESSION_GAP_MS. Sessions come by their newest log. */
#pragma once

#include "common/auto.h"
#include "common/buf.h"

#include <bson/bson.h>

enum { SESSION_GAP_MS = 30 * 60 * 1000 };

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *s);
DEFINE_AUTO(sessions)

/* Documents as stored, in order. */
void sessions_add(struct sessions *s, const bson_t *doc);
/* The first log of the next page: if its session has begun on this one, it `continues` there. */
void sessions_peek(struct sessions *s, const bson_t *doc);
size_t sessions_bytes(const struct sessions *s); /* what sessions_write will come to, nearly */
/* {"sessionId":…,"start":…,"end":…,"count":…,"logs":[…]},… without the brackets around all. */
void sessions_write(const struct sessions *s, struct buf *out);
