/* SPDX-License-Identifier: MIT */
/* record_reading.h - what the parts of record_read share. Private to schemas/.
 *
 * A `path` is what a message calls a member: `actor.id`, `tags[3]`. */
#pragma once

#include "schemas/record.h"
#include "schemas/record_field.h"

enum { NO_LIMIT = 0, PATH_SIZE = 64, SHOWN_SIZE = 201 };

struct reading {
    struct record *r;
    const struct record_rules *rules;
    struct faults *faults;
    struct json_value values[FIELD_COUNT]; /* raw.data == NULL: absent */
    struct {
        struct json_value ip, user_agent, session_id, request_id;
    } metadata; /* members of `metadata` that stand in for absent ones */
};

/* Adds the fault `"path" what`. */
void reading_refuse(struct reading *rd, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As much of `text` as a message bears, NUL-terminated; a NUL inside is shown as `?`. */
const char *reading_shown(struct slice text, char out[SHOWN_SIZE]);
void reading_refuse_unknown(struct reading *rd, struct json_value key);

static inline bool is_absent(struct json_value v)
{
    return v.raw.data == NULL;
}

/* A string's text. Memory is had once for the whole record, so no view ever moves: no string may be
 * asked for twice. */
struct slice reading_text(struct reading *rd, struct json_value string);

/* The readers: absent in, absent out; so is what they refuse. `max` counts characters. */
struct slice read_text(struct reading *rd, struct json_value v, const char *path, size_t max);
struct slice read_id(struct reading *rd, struct json_value v, const char *path);
struct slice read_tenant(struct reading *rd, struct json_value v, const char *path);
struct entity read_entity(struct reading *rd, enum field which);
struct slice read_tags(struct reading *rd);
struct slice read_changes(struct reading *rd);
struct slice read_metadata(struct reading *rd);
