/* SPDX-License-Identifier: MIT */
/* stream.h - an answer that goes on for long, written piece by piece. On its request's loop.
 *
 * What is written is kept until the client takes it; stream_waiting says how much that is, and the
 * owner stops writing when it is enough for it. A client that stops taking is cut off like any
 * other (connection.c). The owner hears one last word, `gone`, unless it has ended the stream
 * itself. */
#pragma once

#include "gateway/http.h"

struct stream;

struct stream_events {
    void (*ready)(void *ctx); /* all that was written is taken */
    void (*gone)(void *ctx);  /* the client has left, or was cut off: the stream is no more */
    /* The gateway stops: end soon, or be cut off at the drain's deadline. NULL: just go on. */
    void (*drain)(void *ctx);
    void *ctx;
};

/* Answers with 200 and what was added by answer_header; libh2o sends these with the first bytes
 * that are written. `events` is copied. */
struct stream *stream_begin(struct request *r, const char *content_type,
                            const struct stream_events *events);
void stream_write(struct stream *s, struct slice bytes); /* copied */
size_t stream_waiting(const struct stream *s);           /* bytes */

/* The stream is not to be used after either. */
void stream_end(struct stream *s);
/* Closes the connection without HTTP's last chunk, so that nobody takes the answer for whole. */
void stream_break(struct stream *s);

void streams_drain(struct loop *l); /* tells the owners of all */
