/* SPDX-License-Identifier: MIT */
/* record.h - an activity log record as a client or direct producer sent it, checked.
 *
 * One validator for HTTP and Kafka: record_read. The views in a `struct record` point into the
 * JSON it was read from or into its own arena, and live until the next record_read on it. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "common/slice.h"
#include "schemas/fault.h"
#include "schemas/json.h"

#include <stdint.h>

enum severity { SEVERITY_INFO, SEVERITY_WARN, SEVERITY_ERROR, SEVERITY_CRITICAL, SEVERITY_COUNT };
enum outcome { OUTCOME_SUCCESS, OUTCOME_FAILURE, OUTCOME_NONE, OUTCOME_COUNT };

const char *severity_name(enum severity s); /* "info" … */
const char *outcome_name(enum outcome o);   /* "success", "failure", "none" */
bool severity_parse(struct slice text, enum severity *ret);
bool outcome_parse(struct slice text, enum outcome *ret); /* not "none" */

enum {
    RECORD_MAX_BYTES = 256 * 1024,
    RECORD_MAX_DEPTH = 32,
    RECORD_METADATA_BYTES = 32 * 1024,
    RECORD_METADATA_DEPTH = 16,
    RECORD_ID_MAX = 64,
    RECORD_TENANT_MAX = 64,
    RECORD_TAGS_MAX = 20,
};

struct entity { /* actor or resource; absent members have data == NULL */
    struct slice type, id, name;
};

struct record {
    /* Text is unescaped; absent is data == NULL. */
    struct slice id, tenant; /* tenant only in RECORD_KAFKA */
    struct slice service, action, user_id;
    enum severity severity; /* SEVERITY_INFO when absent */
    enum outcome outcome;   /* OUTCOME_NONE when absent */
    bool has_timestamp;
    int64_t timestamp_ms;
    struct entity actor, resource;
    struct slice message, ip, user_agent, session_id, request_id, traceparent;
    /* Raw JSON, checked: an object, an array of strings, an array of {field,old,new}. */
    struct slice metadata, tags, changes;
    struct slice json; /* the whole object as it came */
    struct buf _arena;
};

void record_done(struct record *r);

enum record_origin {
    RECORD_HTTP,  /* `tenant`, `source`, `createdAt`, `enriched` of the body count for nothing */
    RECORD_KAFKA, /* `tenant` of the body is read, `_id` is another name of `id` */
};

struct record_rules {
    enum record_origin origin;
    bool strict; /* unknown top-level fields are faults */
    int index;   /* place in a batch, for the faults' words; -1: not in a batch */
};

/* Reads one JSON object that json_check has accepted (json_root of it, or an element of an
 * array). REJECT: `faults` has got every fault of this record, in the contract's order and
 * words, and `r` holds nothing of use. `actor.id` stands in for a missing userId and the
 * reverse; ip, userAgent, sessionId and requestId fall back to metadata's. */
enum result record_read(struct record *r, struct json_value value, const struct record_rules *rules,
                        struct faults *faults);

/* One record, bytes to verdict, as the processor sees it: size, json_check, record_read.
 * REJECT with `err` saying `malformed_json: …`, `too_large: …` or `validation_error: …`
 * (the first fault; all of them are in `faults`). */
enum result record_parse(struct record *r, struct slice bytes, const struct record_rules *rules,
                         struct faults *faults, struct err *err);

bool tenant_valid(struct slice tenant); /* [A-Za-z0-9._-]{1,64} */
bool id_valid(struct slice id);         /* [A-Za-z0-9._:-]{1,64} */
/* https://www.w3.org/TR/trace-context/#traceparent-header, version 00; absent is not */
bool traceparent_valid(struct slice text);
