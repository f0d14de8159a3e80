/* SPDX-License-Identifier: MIT */
/* answers.h - what answers have in common, for the files of the gateway that are no handlers. */
#pragma once

#include "gateway/http.h"

/* The client's X-Request-Id when it is one ([A-Za-z0-9._:-], at most REQUEST_ID_MAX), else a new
 * one. In the request's pool. */
struct slice request_id_settle(h2o_req_t *req);

/* Was this answer made by answer_…? */
bool answer_is_ours(const h2o_req_t *req);

/* All of an answer but its body: status, headers, and its place in the meters. */
void answer_begin(struct request *r, int status, const char *content_type);

/* Puts our headers in the place of the library's, and returns our body for `status`. */
h2o_iovec_t answer_for_library(h2o_req_t *req, int status, const char *code);

/* 404 with the path, which no route serves. */
void answer_no_such_path(struct request *r);

/* 503 for records that Kafka has not acknowledged: the ids, since some may be stored, and
 * "retryable":true. */
void answer_unavailable(struct request *r, const char *message, const struct slice *ids,
                        size_t count, bool many);

/* ,"logIds":["a","b"] or ,"logId":"a" */
void answer_add_ids(struct buf *out, const struct slice *ids, size_t count, bool many);

/* 200 {"partialSuccess":{}}, with how many were rejected, and why the first, when some were.
 * Protobuf's JSON writes 64-bit numbers as strings. */
void answer_otlp(struct request *r, size_t rejected, struct slice first_fault);
