/* SPDX-License-Identifier: MIT */
/* body.h - from the bytes of a request to the JSON text in them: content type, encoding, forms.
 * Pure. */
#pragma once

#include "common/buf.h"
#include "common/slice.h"

/* An answer other than success: what to say and why. All text is static or the err's. */
struct refusal {
    int status;
    const char *code;
    char message[256];
};

enum body_format {
    BODY_JSON,
    BODY_NDJSON,
    BODY_FORM,
    BODY_CLOUDEVENT,  /* one event, or, binary, the data of one */
    BODY_CLOUDEVENTS, /* an array of them */
};

/* False: a type (or charset) that is not read; `refusal` has the 415. `content_type` absent is
 * JSON. */
bool body_format(struct slice content_type, enum body_format *ret, struct refusal *refusal);

/* Undoes `content_encoding` (gzip, zstd, deflate, identity or absent) into `out`, which is cleared
 * first; *ret is a view of `out`, or of `body` when there was nothing to undo. Never makes more
 * than `max_bytes`: 413. Broken input is 400, an unknown encoding 415. */
bool body_decode(struct slice content_encoding, struct slice body, size_t max_bytes,
                 struct buf *out, struct slice *ret, struct refusal *refusal);

/* A form (application/x-www-form-urlencoded) as a JSON object of strings in `out`; a body that
 * begins with '{' or '[' is JSON already (curl sends that type when told nothing) and is returned
 * as it is. False: bytes that are not UTF-8, 400. */
bool body_form(struct slice body, struct buf *out, struct slice *ret, struct refusal *refusal);

bool refuse(struct refusal *refusal, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5))); /* fills it in and returns false */
