/* SPDX-License-Identifier: MIT */
/* tally.h - changes to Redis keys, added up before they are sent. Pure.
 *
 * Made of groups, one for each key and kind of change, and these of entries. Keeps its memory
 * between uses. */
#pragma once

#include "common/auto.h"
#include "common/slice.h"

#include <stdint.h>

enum tally_kind {
    TALLY_HASH,     /* field += n */
    TALLY_SORTED,   /* member's score += n */
    TALLY_UNIQUE,   /* member is one of a HyperLogLog's */
    TALLY_EARLIEST, /* hash field = the least of the times in ms, as ISO 8601 */
    TALLY_LATEST,   /* the greatest */
};

struct tally;

struct tally_group {
    enum tally_kind kind;
    struct slice key;
    int64_t expire_ms; /* when Redis is to forget the key; 0: never */
    size_t entries;
};

struct tally_entry {
    struct slice member;
    int64_t n;
};

struct tally *tally_new(void);
void tally_free(struct tally *t);
DEFINE_AUTO(tally)

void tally_add(struct tally *t, const struct tally_group *group, struct slice member, int64_t n);
void tally_clear(struct tally *t);
size_t tally_entries(const struct tally *t);
size_t tally_groups(const struct tally *t);
/* The views live until the next tally_add or tally_clear. */
struct tally_group tally_group_at(const struct tally *t, size_t nth);
/* Walks a group's entries: begin with *at == 0; false at the end. */
bool tally_next(const struct tally *t, size_t group, size_t *at, struct tally_entry *ret);
