/* SPDX-License-Identifier: MIT */
/* refusal.h - what the document store said no to, one by one, and what that means. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum refusal_kind {
    REFUSED_DUPLICATE, /* the _id is taken */
    REFUSED_DATA,      /* this will never do */
    REFUSED_FOR_NOW,   /* through no fault of the data: disk full, shutting down, a lock */
    REFUSED_UNKNOWN,
};

/* `code` is MongoDB's; DocumentDB, which lives in PostgreSQL, passes on those of PostgreSQL that
 * it has no other word for, packed into a number as PostgreSQL does. */
enum refusal_kind refusal_kind(int32_t code, const char *text);

struct refusal {
    size_t index; /* of the document or update */
    int32_t code;
    char text[160];
};

/* A zeroed struct is a valid empty list. */
struct refusals {
    struct refusal *items;
    size_t count, cap;
    bool whole; /* the command was refused as one: not every part of it need be at fault */
};

void refusals_done(struct refusals *r);
void refusals_clear(struct refusals *r);
void refusals_add(struct refusals *r, size_t index, int32_t code, const char *text);
