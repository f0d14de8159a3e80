/* SPDX-License-Identifier: MIT */
/* redact.h - masks what must not be kept. Pure.
 *
 * Fields are named as in the record: `message`, `ip`, `userAgent`, `sessionId`, `requestId`,
 * `userId`, `actor.id`, `actor.name`, `resource.id`, `resource.name`, or `metadata.<path>`, where
 * a path goes through objects by name and through arrays by itself, and a name may hold dots. What
 * stands in for another (schemas/record.h) is masked with it: `ip` and `metadata.ip` are one, and
 * `userId` and `actor.id` where they are equal. A masked value is "***". */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "schemas/record.h"

struct redact;

/* `fields`: comma-separated, at most 64. FATAL names the one that is no field. */
enum result redact_new(const char *fields, struct redact **ret, struct err *err);
void redact_free(struct redact *r);
DEFINE_AUTO(redact)

/* Masks in place: the record's views then point at static text, or into memory of `r` that lives
 * until the next call. Returns whether anything was masked. */
bool redact_apply(struct redact *r, struct record *record);
