/* SPDX-License-Identifier: MIT */
/* cloudevent.h - CloudEvents 1.0 (https://cloudevents.io) made into records of ours. Pure.
 *
 * One mapping for both doors: the gateway validates with it and forwards the event as it came, the
 * processor maps it again. docs/cloudevents.md says what becomes of what. An event in binary mode,
 * with attributes in headers, is first written as the same event in structured mode. */
#pragma once

#include "schemas/record.h"

#define CLOUDEVENT_TYPE "application/cloudevents+json"

/* Of a content-type header, parameters and all. */
bool cloudevent_is_structured(struct slice content_type);
bool cloudevent_is_batch(struct slice content_type);

enum { CLOUDEVENT_ATTRIBUTES = 32 };

struct cloudevent_attribute {
    struct slice name, value; /* without the header's `ce-` or `ce_`; UTF-8 or refused */
};

/* An event as a message brings it. Views, borrowed. */
struct cloudevent_message {
    struct slice content_type; /* data == NULL: none */
    struct slice value;
    const struct cloudevent_attribute *attributes; /* binary mode */
    size_t attribute_count;
};

bool cloudevent_is_message(const struct cloudevent_message *m);

/* A message in binary mode as one JSON object in `out`. REJECT: `err` says `malformed_json: …` or
 * `validation_error: …`. */
enum result cloudevent_gather(const struct cloudevent_message *m, struct buf *out, struct err *err);

/* The event, a JSON object that json_check has accepted, as a record's JSON in `out`, for
 * record_read. REJECT: `faults` has what is wrong with its attributes. `index` as in
 * record_rules. */
enum result cloudevent_to_record(struct json_value event, int index, struct buf *out,
                                 struct faults *faults);

struct cloudevent_scratch {
    struct buf event, record; /* what the record's views point into */
};
void cloudevent_scratch_done(struct cloudevent_scratch *s);

/* As record_parse. */
enum result cloudevent_parse(struct record *r, const struct cloudevent_message *m,
                             const struct record_rules *rules, struct cloudevent_scratch *scratch,
                             struct faults *faults, struct err *err);
