/* SPDX-License-Identifier: MIT */
/* audit.h - what is done to the log is logged too: a record of service `activity-log`, of the
 * caller's tenant, sent to the raw topic like any other and so stored, counted and found like any
 * other. Not waited for; one that Kafka does not take is said in the program's own log. */
#pragma once

#include "gateway/http.h"

struct audit_event {
    const char *action; /* "retention.update" …; static */
    const char *resource_type;
    struct slice resource_id; /* data == NULL: none */
    struct slice metadata;    /* a JSON object, checked; data == NULL: none */
    bool failed;              /* the outcome */
    bool read;                /* nothing is changed: see audit_reads.h. Has no metadata */
};

/* On the request's loop, before it is answered. */
void audit_write(struct request *r, const struct audit_event *event);

/* The same in two steps, for what is not done yet when the request is read: sent later on its loop,
 * with the outcome, even when the client has gone by then. A query_job does so by itself
 * (query_job_audit). A zeroed note is none. */
struct audit_note {
    const char *action; /* NULL: there is no note */
    struct buf json, tenant;
    size_t what_len; /* of json: who does what to what */
    bool read;
};
void audit_prepare(struct audit_note *note, const struct request *r,
                   const struct audit_event *event);
void audit_send(struct audit_note *note, struct loop *loop, bool failed); /* and frees it */
void audit_note_done(struct audit_note *note);
/* Sends what reads were not written one by one: those whose time has come, or all of them. */
void audit_flush(struct loop *loop, bool all);
