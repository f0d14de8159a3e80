/* SPDX-License-Identifier: MIT */
/* batch.h - the records of one request, read from its JSON, checked, and settled: id, key and bytes
 * of each. One object is a batch of one. Pure, but for the entropy in new ids. Made to be used
 * again: reading clears what was there and keeps the memory. */
#pragma once

#include "gateway/body.h"
#include "schemas/fault.h"
#include "schemas/record.h"

struct batch_item {
    struct slice json;                     /* the element's own bytes, in the text read */
    size_t id_at, id_len, key_at, key_len; /* in the batch's own text */
};

/* A zeroed struct is a valid empty batch. */
struct batch {
    struct batch_item *items;
    size_t count, cap;    /* good records */
    bool many;            /* an array or NDJSON, answered with logIds */
    bool partial;         /* the answer tells good from bad */
    size_t received;      /* records seen, good and bad */
    struct faults faults; /* when batch_read says no with "validation_error" */
    struct buf results; /* under `partial`: {"index","status","details"} of the bad, no brackets */
    size_t rejected;    /* and how many they are */
    bool cloudevents;   /* the items are events, not records */
    struct buf first_fault; /* and what is wrong with the first of them */
    bool otlp;              /* answered in OpenTelemetry's words */
    struct record _record;
    struct buf _text, _mapped;
};

struct batch_rules {
    enum body_format format; /* of the text; forms and binary events have become JSON */
    bool must_be_array;      /* /logs/batch */
    bool strict, partial;
    size_t max_count;
    struct slice tenant, idempotency_key; /* the key is absent, or made of visible ASCII */
    int64_t now_ms;                       /* wall clock, for new ids */
};

void batch_done(struct batch *b);
void batch_trim(struct batch *b, size_t bytes); /* gives its memory back when it has more */

/* False: nothing may be sent, `refusal` says why; when its code is "validation_error" the details
 * are in `faults`. `text` must outlive the batch. */
bool batch_read(struct batch *b, struct slice text, const struct batch_rules *rules,
                struct refusal *refusal);

struct slice batch_id(const struct batch *b, size_t i);
struct slice batch_key(const struct batch *b, size_t i);
