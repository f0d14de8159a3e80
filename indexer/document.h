/* SPDX-License-Identifier: MIT */
/* document.h - an enriched record as the document that MongoDB keeps. Pure.
 *
 * The record's members in their order, `timestamp` and `createdAt` as Date, and last `expireAt`,
 * a Date for the TTL index. What is not such a record is refused here, so that the store sees only
 * what it can take and what the indexes are made for. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/slice.h"

#include <bson/bson.h>
#include <stdint.h>

enum { DOCUMENT_MAX_BYTES = 1024 * 1024 }; /* of JSON: four times the largest record */

struct document_reader;

struct document_reader *document_reader_new(int64_t retention_days);
void document_reader_free(struct document_reader *r);
DEFINE_AUTO(document_reader)

/* The caller owns *ret. REJECT: `err` begins with the dead letter's reason and a colon,
 * `malformed_json: …`, `validation_error: …` or `too_large: …`. */
enum result document_read(struct document_reader *r, struct slice json, bson_t **ret,
                          struct err *err);

/* Views into a document made here, or one that the store kept. */
struct document_place {
    struct slice id, src, hash;
};
struct document_place document_place(const bson_t *doc);
