/* SPDX-License-Identifier: MIT */
#include "indexer/refusal.h"

#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
static const struct {
    int32_t code;
    enum refusal_kind kind;
} known[] = {
    {11000, REFUSED_DUPLICATE}, {11001, REFUSED_DUPLICATE}, {2, REFUSED_DATA}, /* BadValue */
    {9, REFUSED_DATA},                                                         /* FailedToParse */
    {14, REFUSED_DATA},                                                        /* TypeMismatch */
    {15, REFUSED_DATA},                                                        /* Overflow */
    {22, REFUSED_DATA},                                                        /* InvalidBSON */
    {28, REFUSED_DATA},                                                        /* PathNotViable */
    {40, REFUSED_DATA},       /* ConflictingUpdateOperators */
    {52, REFUSED_DATA},       /* DollarPrefixedFieldName */
    {53, REFUSED_DATA},       /* InvalidIdField */
    {55, REFUSED_DATA},       /* InvalidDBRef */
    {56, REFUSED_DATA},       /* EmptyFieldName */
    {57, REFUSED_DATA},       /* DottedFieldName */
    {66, REFUSED_DATA},       /* ImmutableField */
    {67, REFUSED_DATA},       /* CannotCreateIndex */
    {68, REFUSED_DATA},       /* IndexAlreadyExists */
    {85, REFUSED_DATA},       /* IndexOptionsConflict */
    {86, REFUSED_DATA},       /* IndexKeySpecsConflict */
    {121, REFUSED_DATA},      /* DocumentValidationFailure */
    {10334, REFUSED_DATA},    /* BSONObjectTooLarge */
    {17280, REFUSED_DATA},    /* KeyTooLong */
    {17419, REFUSED_DATA},    /* the document would become too large */
    {6, REFUSED_FOR_NOW},     /* HostUnreachable */
    {7, REFUSED_FOR_NOW},     /* HostNotFound */
    {13, REFUSED_FOR_NOW},    /* Unauthorized: an operator's to mend */
    {18, REFUSED_FOR_NOW},    /* AuthenticationFailed */
    {24, REFUSED_FOR_NOW},    /* LockTimeout */
    {46, REFUSED_FOR_NOW},    /* LockBusy */
    {50, REFUSED_FOR_NOW},    /* MaxTimeMSExpired */
    {64, REFUSED_FOR_NOW},    /* WriteConcernFailed */
    {79, REFUSED_FOR_NOW},    /* UnknownReplWriteConcern */
    {89, REFUSED_FOR_NOW},    /* NetworkTimeout */
    {91, REFUSED_FOR_NOW},    /* ShutdownInProgress */
    {100, REFUSED_FOR_NOW},   /* UnsatisfiableWriteConcern */
    {112, REFUSED_FOR_NOW},   /* WriteConflict */
    {189, REFUSED_FOR_NOW},   /* PrimarySteppedDown */
    {262, REFUSED_FOR_NOW},   /* ExceededTimeLimit */
    {9001, REFUSED_FOR_NOW},  /* SocketException */
    {10107, REFUSED_FOR_NOW}, /* NotWritablePrimary */
    {11600, REFUSED_FOR_NOW}, /* InterruptedAtShutdown */
    {11602, REFUSED_FOR_NOW}, /* InterruptedDueToReplStateChange */
    {13435, REFUSED_FOR_NOW}, /* NotPrimaryNoSecondaryOk */
    {13436, REFUSED_FOR_NOW}, /* NotPrimaryOrSecondary */
    {14031, REFUSED_FOR_NOW}, /* OutOfDiskSpace */
};

/* Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html */
static const struct {
    const char *class;
    enum refusal_kind kind;
} sql_states[] = {
    {"22", REFUSED_DATA},    /* data exception */
    {"08", REFUSED_FOR_NOW}, /* connection exception */
    {"25", REFUSED_FOR_NOW}, /* invalid transaction state: read only, … */
    {"40", REFUSED_FOR_NOW}, /* transaction rollback: deadlock, … */
    {"53", REFUSED_FOR_NOW}, /* insufficient resources: disk full, … */
    {"55", REFUSED_FOR_NOW}, /* object not in prerequisite state: locked, … */
    {"57", REFUSED_FOR_NOW}, /* operator intervention: shutting down, … */
    {"58", REFUSED_FOR_NOW}, /* system error */
};

enum { SQL_STATE_LEAST = 4096 };

/* PostgreSQL packs the five characters of an SQLSTATE into six bits each, the first lowest. */
static enum refusal_kind sql_state_kind(int32_t code)
{
    char class[3] = {(char)('0' + (code & 63)), (char)('0' + ((code >> 6) & 63)), '\0'};

    for (size_t i = 0; i < sizeof sql_states / sizeof sql_states[0]; i++)
        if (strcmp(sql_states[i].class, class) == 0)
            return sql_states[i].kind;
    return REFUSED_UNKNOWN;
}

enum refusal_kind refusal_kind(int32_t code, const char *text)
{
    if (strcasestr(text, "no space left") || strcasestr(text, "disk full"))
        return REFUSED_FOR_NOW;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].code == code)
            return known[i].kind;
    return code >= SQL_STATE_LEAST ? sql_state_kind(code) : REFUSED_UNKNOWN;
}

void refusals_done(struct refusals *r)
{
    free(r->items);
    *r = (struct refusals){0};
}

void refusals_clear(struct refusals *r)
{
    r->count = 0;
    r->whole = false;
}

void refusals_add(struct refusals *r, size_t index, int32_t code, const char *text)
{
    struct refusal *item;

    if (r->count == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        r->items = mem_realloc(r->items, r->cap * sizeof *r->items);
    }
    item = &r->items[r->count++];
    item->index = index;
    item->code = code;
    snprintf(item->text, sizeof item->text, "%s", text);
}
