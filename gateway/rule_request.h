/* SPDX-License-Identifier: MIT */
/* rule_request.h - what the handlers of /admin's rules share: a job on a lookup thread that makes,
 * finds, lists or cancels one. */
#pragma once

#include "gateway/query_job.h"
#include "gateway/rule_store.h"

enum { RULE_ID_MAX = 64, RULES_LISTED = 100 };

struct rule_request {
    struct query_job super;
    const char *kind; /* "deletion" or "erasure" */
    char id[RULE_ID_MAX + 1];
    bson_t *doc; /* to be inserted; owned */
    bool dry;
};

/* With `doc` ready to be filled. */
struct rule_request *rule_request_new(const char *kind, void (*work)(struct query_job *job));
/* Copies the request's `:id`. False: no rule has such an id; answered. */
bool rule_request_takes_id(struct rule_request *q, struct request *r);
/* A new id, and the members that every rule begins with: _id, kind, tenant, createdAt, state … */
void rule_request_begin(struct rule_request *q, struct request *r);

/* Starts a job that changes nothing. */
void rule_request_look(struct rule_request *q, struct request *r, const char *action);

/* For work(): the whole of it. Answers are written to the job. */
void rule_request_list(struct query_job *job);
void rule_request_show(struct query_job *job);
/* Inserts `doc`. */
enum result rule_request_insert(struct rule_request *q, struct err *err);
