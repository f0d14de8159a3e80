/* SPDX-License-Identifier: MIT */
/* selection.h - which logs: what the filters of a query string, or of a rule for deletion, choose.
 * Pure. The same question is answered in two places, which a test keeps in agreement: of a record
 * in hand by selection_matches, of the document store by selection_bson.h.
 *
 *     service=auth&service=mail       any of                service!=auth       none of
 *     action=user.*                   begins with           action=user.\*      a star at the end
 *     metadata.cart.items=3           "3" or 3; within lists too
 *     q=Disk full                     all words, in message or action, upper or lower case
 *     startDate=…&endDate=…           of `timestamp`, both included
 *
 * Fields: service action userId severity resourceType resourceId outcome ip requestId sessionId tag
 * source country metadata.<path>. All that is given must hold. `x=*` asks for any value,
 * `x!=*` for none; `none of` holds for a log without the field. `outcome=none`: without one.
 *
 * Names that are not listed count for nothing here. A known name with brackets (`userId[$ne]`, with
 * which other services hand operators to their store) is refused. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "schemas/fault.h"
#include "schemas/json.h"

#include <stdint.h>

enum selection_field {
    SELECT_SERVICE,
    SELECT_ACTION,
    SELECT_USER_ID,
    SELECT_SEVERITY,
    SELECT_RESOURCE_TYPE,
    SELECT_RESOURCE_ID,
    SELECT_OUTCOME,
    SELECT_IP,
    SELECT_REQUEST_ID,
    SELECT_SESSION_ID,
    SELECT_TAG,
    SELECT_SOURCE,
    SELECT_COUNTRY,
    SELECT_METADATA,
    SELECT_FIELDS
};
const char *selection_name(enum selection_field f); /* "resourceId"; "metadata" for all its paths */
const char *selection_path(enum selection_field f); /* in the record: "resource.id" */
/* False when there is no field of this name; metadata has none. */
bool selection_field_parse(struct slice name, enum selection_field *ret);

enum {
    SELECTION_VALUES_MAX = 50,  /* of one filter */
    SELECTION_FILTERS_MAX = 40, /* every field, asked for and excluded, and some of metadata */
    SELECTION_WORDS_MAX = 10,
};

struct selection_value {
    struct slice text;
    bool prefix;
};

struct selection_filter {
    enum selection_field field;
    bool negated;
    struct slice path;              /* in the record: "resource.id", "metadata.cart.items" */
    struct selection_value *values; /* any of; sorted, none twice */
    size_t count;
    bool _bracketed;
};

/* A zeroed struct chooses all logs. Not to be copied. */
struct selection {
    struct selection_filter *filters; /* by field, then path, negated last */
    size_t filter_count;
    struct slice words[SELECTION_WORDS_MAX]; /* in lower case */
    size_t word_count;
    bool has_start, has_end;
    int64_t start_ms, end_ms;
    struct buf _arena;
};

/* Fills a zeroed struct from what stands after a '?'. REJECT: `faults` says all that is wrong, in
 * the order of the fields. The struct owns memory in either case. */
enum result selection_read(struct selection *s, struct slice query_string, struct faults *faults);
void selection_done(struct selection *s);
/* Only logs with this value from now on; `text` is borrowed for as long as `s` lives. Nothing may
 * be asked of the field yet. */
void selection_require(struct selection *s, enum selection_field field, struct slice text);

bool selection_is_empty(const struct selection *s); /* chooses all logs */
/* The filter that asks for (not: excludes) values of `field`; NULL without one. */
const struct selection_filter *selection_find(const struct selection *s, enum selection_field f);
/* The same text for the same choice, however it was written; not for reading. */
void selection_canonical(const struct selection *s, struct buf *out);

/* Is `text`, a value of a filter by metadata, written as a number? */
bool selection_number(struct slice text, struct json_number *ret);

/* `json`: a record of the enriched topic (schemas/enriched.h). Says nothing about its tenant. */
bool selection_matches(const struct selection *s, struct slice json);

/* The same for many selections of one record: its members are found once. Borrows from it. */
enum { SELECTION_MEMBERS_MAX = 48 };
struct selection_record {
    struct json_value _root;
    struct selection_member {
        struct slice name;
        struct json_value value;
    } _members[SELECTION_MEMBERS_MAX];
    size_t _count;
    bool _listed; /* else they are too many, or have names to be decoded */
};
void selection_record_read(struct selection_record *r, struct slice json);
bool selection_matches_record(const struct selection *s, const struct selection_record *r);
/* Does one value fit a filter that is not of metadata? For rows that are not logs, such as counts:
 * `text` with data == NULL is an absent value. */
bool selection_filter_fits(const struct selection_filter *f, struct slice text);
