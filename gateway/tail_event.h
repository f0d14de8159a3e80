/* SPDX-License-Identifier: MIT */
/* tail_event.h - what a client of the live tail is sent. Pure.
 *
 * As Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), or a line
 * of JSON each: a log as GET /logs shows it, `{"dropped":N}`, and a sign of life, which is a
 * comment or an empty line. */
#pragma once

#include "common/buf.h"

#include <stdint.h>

enum tail_format { TAIL_SSE, TAIL_NDJSON };

/* `json`: a checked record of the enriched topic. */
void tail_event_log(struct buf *out, enum tail_format format, struct slice json);
void tail_event_dropped(struct buf *out, enum tail_format format, uint64_t count);
void tail_event_alive(struct buf *out, enum tail_format format);
