/* SPDX-License-Identifier: MIT */
/* fault.h - what is wrong with a client's input, in the words that clients rely on.
 *
 * The words are Joi's (https://joi.dev), which the service's first clients saw: they match on
 * them. Kept as a list, bounded: past FAULTS_MAX the rest are counted, not kept. */
#pragma once

#include "common/buf.h"
#include "common/slice.h"

enum { FAULTS_MAX = 4000 };

struct fault {
    size_t field_at, field_len, message_at, message_len; /* into the list's text */
};

/* A zeroed struct is a valid empty list. */
struct faults {
    struct fault *items;
    size_t count, cap, dropped;
    struct buf text;
};

void faults_done(struct faults *f);
void faults_clear(struct faults *f); /* keeps the memory */
/* `field` is the path shown to the client ("1.action", "" for the whole). `format` makes the
 * message, whole: "\"service\" is required". */
void faults_add(struct faults *f, struct slice field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct slice fault_field(const struct faults *f, size_t i);
struct slice fault_message(const struct faults *f, size_t i);
/* [{"field":…,"message":…},…] of the items from `first` on. */
void faults_render(const struct faults *f, size_t first, struct buf *out);
