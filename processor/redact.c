/* SPDX-License-Identifier: MIT */
#include "processor/redact.h"

#include "common/mem.h"

#include <stdlib.h>

enum { RULES_MAX = 64, SEGMENTS_MAX = RECORD_METADATA_DEPTH };

/* One field of the record itself. */
static const struct plain {
    const char *name;
    size_t at;
} plain_fields[] = {
    {"userId", offsetof(struct record, user_id)},
    {"message", offsetof(struct record, message)},
    {"ip", offsetof(struct record, ip)},
    {"userAgent", offsetof(struct record, user_agent)},
    {"sessionId", offsetof(struct record, session_id)},
    {"requestId", offsetof(struct record, request_id)},
    {"actor.id", offsetof(struct record, actor.id)},
    {"actor.name", offsetof(struct record, actor.name)},
    {"resource.id", offsetof(struct record, resource.id)},
    {"resource.name", offsetof(struct record, resource.name)},
};

/* A path below metadata: its names, pointing into `text`. */
struct path {
    char *text;
    const char *names[SEGMENTS_MAX];
    size_t count;
};

struct redact {
    size_t plain[RULES_MAX], plain_count; /* offsets into struct record */
    struct path paths[RULES_MAX];
    size_t path_count;
    struct buf metadata; /* the masked copy */
    bool masked;
};

static enum result add_path(struct redact *r, struct slice below, struct err *err)
{
    struct path *path = &r->paths[r->path_count];
    char *rest;

    path->text = rest = mem_strndup(below.data, below.len);
    r->path_count++;
    while (rest) {
        const char *name = strsep(&rest, ".");

        if (!*name || path->count == SEGMENTS_MAX)
            return err_set(err, FATAL, "REDACT_FIELDS: metadata.%.*s is not a path",
                           SLICE_ARG(below));
        path->names[path->count++] = name;
    }
    return OK;
}

static enum result add_field(struct redact *r, struct slice field, struct err *err)
{
    static const char metadata[] = "metadata.";
    size_t prefix = sizeof metadata - 1;

    if (r->plain_count + r->path_count == RULES_MAX)
        return err_set(err, FATAL, "REDACT_FIELDS names more than %d fields", RULES_MAX);
    if (field.len > prefix && memcmp(field.data, metadata, prefix) == 0)
        return add_path(r, slice_make(field.data + prefix, field.len - prefix), err);
    for (size_t i = 0; i < sizeof plain_fields / sizeof plain_fields[0]; i++) {
        if (slice_is(field, plain_fields[i].name)) {
            r->plain[r->plain_count++] = plain_fields[i].at;
            return OK;
        }
    }
    return err_set(err, FATAL, "REDACT_FIELDS: %.*s is not a field that can be masked",
                   SLICE_ARG(field));
}

static struct slice trim(struct slice s)
{
    while (s.len && *s.data == ' ')
        s = slice_make(s.data + 1, s.len - 1);
    while (s.len && s.data[s.len - 1] == ' ')
        s.len--;
    return s;
}

enum result redact_new(const char *fields, struct redact **ret, struct err *err)
{
    AUTO(redact) r = mem_zalloc(sizeof *r);

    while (*fields) {
        size_t len = strcspn(fields, ",");
        struct slice field = trim(slice_make(fields, len));
        enum result result = field.len ? add_field(r, field, err) : OK;

        if (result != OK)
            return result;
        fields += len + (fields[len] == ',');
    }
    *ret = TAKE(r);
    return OK;
}

void redact_free(struct redact *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->path_count; i++)
        free(r->paths[i].text);
    buf_done(&r->metadata);
    free(r);
}

/* `active`: the paths, as bits, whose first `depth` names led here. */
static void copy_masked(struct redact *r, struct json_value value, uint64_t active, size_t depth);

static void copy_member(struct redact *r, struct json_value key, struct json_value value,
                        uint64_t active, size_t depth)
{
    uint64_t below = 0;
    bool mask = false;

    for (size_t i = 0; i < r->path_count; i++) {
        const struct path *path = &r->paths[i];

        if (!(active >> i & 1) || depth >= path->count || !json_key_is(key, path->names[depth]))
            continue;
        mask |= depth + 1 == path->count;
        below |= (uint64_t)1 << i;
    }
    buf_add_slice(&r->metadata, key.raw);
    buf_add_char(&r->metadata, ':');
    if (mask) {
        buf_add_text(&r->metadata, "\"***\"");
        r->masked = true;
    } else {
        copy_masked(r, value, below, depth + 1);
    }
}

static void copy_masked(struct redact *r, struct json_value value, uint64_t active, size_t depth)
{
    bool is_object = value.type == JSON_OBJECT;
    struct json_value key, item;
    struct json_iter it;
    size_t nth = 0;

    if (!active || (!is_object && value.type != JSON_ARRAY)) {
        buf_add_slice(&r->metadata, value.raw);
        return;
    }
    buf_add_char(&r->metadata, is_object ? '{' : '[');
    for (it = json_iter(value); json_next(&it, &key, &item);) {
        if (nth++)
            buf_add_char(&r->metadata, ',');
        if (is_object)
            copy_member(r, key, item, active, depth);
        else
            copy_masked(r, item, active, depth);
    }
    buf_add_char(&r->metadata, is_object ? '}' : ']');
}

static bool mask_metadata(struct redact *r, struct record *record)
{
    uint64_t all = r->path_count == RULES_MAX ? UINT64_MAX : ((uint64_t)1 << r->path_count) - 1;

    if (r->path_count == 0 || !record->metadata.data)
        return false;
    r->masked = false;
    buf_clear(&r->metadata);
    copy_masked(r, json_root(record->metadata), all, 0);
    if (r->masked)
        record->metadata = buf_slice(&r->metadata);
    return r->masked;
}

bool redact_apply(struct redact *r, struct record *record)
{
    bool masked = mask_metadata(r, record);

    for (size_t i = 0; i < r->plain_count; i++) {
        struct slice *field = (struct slice *)(void *)((char *)record + r->plain[i]);

        if (field->data) {
            *field = slice_of("***");
            masked = true;
        }
    }
    return masked;
}
