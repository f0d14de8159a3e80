/* SPDX-License-Identifier: MIT */
#include "processor/redact.h"

#include "common/mem.h"

#include <stdlib.h>

enum { RULES_MAX = 64 };

/* One field of the record itself. */
static const struct plain {
    const char *name;
    size_t at;
    bool in_metadata; /* metadata's member of this name stands in for it (schemas/record.h) */
} plain_fields[] = {
    {"userId", offsetof(struct record, user_id), false},
    {"message", offsetof(struct record, message), false},
    {"ip", offsetof(struct record, ip), true},
    {"userAgent", offsetof(struct record, user_agent), true},
    {"sessionId", offsetof(struct record, session_id), true},
    {"requestId", offsetof(struct record, request_id), true},
    {"actor.id", offsetof(struct record, actor.id), false},
    {"actor.name", offsetof(struct record, actor.name), false},
    {"resource.id", offsetof(struct record, resource.id), false},
    {"resource.name", offsetof(struct record, resource.name), false},
};

static const char mask_text[] = "***";

struct redact {
    size_t plain[RULES_MAX], plain_count; /* offsets into struct record */
    char *paths[RULES_MAX];               /* below metadata: "user.pin" */
    size_t path_count;
    struct buf metadata; /* the masked copy */
    struct buf name;     /* of the member at hand */
    bool masked;
};

static const struct plain *plain_of(struct slice name)
{
    for (size_t i = 0; i < sizeof plain_fields / sizeof plain_fields[0]; i++) {
        if (slice_is(name, plain_fields[i].name))
            return &plain_fields[i];
    }
    return NULL;
}

static void add_plain(struct redact *r, const struct plain *plain)
{
    r->plain[r->plain_count++] = plain->at;
}

static void add_path(struct redact *r, struct slice path)
{
    r->paths[r->path_count++] = mem_strndup(path.data, path.len);
}

/* No name in it is empty. */
static bool is_path(struct slice s)
{
    char before = '.';

    for (size_t i = 0; i < s.len; before = s.data[i++]) {
        if (s.data[i] == '.' && before == '.')
            return false;
    }
    return before != '.';
}

static enum result refuse(struct slice field, struct err *err)
{
    return err_set(
        err, FATAL,
        "REDACT_FIELDS names \"%.*s\", which cannot be masked: it may name metadata.<path>,"
        " message, ip, userAgent, userId, sessionId, requestId, actor.id, actor.name, "
        "resource.id, resource.name",
        field.len < 100 ? (int)field.len : 100, field.data);
}

/* A field and what stands in for it are one: both are masked, whichever is named. */
static enum result add_field(struct redact *r, struct slice field, struct err *err)
{
    static const char metadata[] = "metadata.";
    size_t prefix = sizeof metadata - 1;
    bool is_below = field.len > prefix && memcmp(field.data, metadata, prefix) == 0;
    struct slice name = is_below ? slice_make(field.data + prefix, field.len - prefix) : field;
    const struct plain *plain = plain_of(name);

    if (is_below ? !is_path(name) : !plain)
        return refuse(field, err);
    if (r->plain_count == RULES_MAX || r->path_count == RULES_MAX)
        return err_set(err, FATAL, "REDACT_FIELDS names more than %d fields", RULES_MAX);
    if (plain && (!is_below || plain->in_metadata))
        add_plain(r, plain);
    if (is_below || plain->in_metadata)
        add_path(r, name);
    return OK;
}

enum result redact_new(const char *fields, struct redact **ret, struct err *err)
{
    AUTO(redact) r = mem_zalloc(sizeof *r);

    while (*fields) {
        size_t len = strcspn(fields, ",");
        struct slice field = slice_trim(slice_make(fields, len));
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
        free(r->paths[i]);
    buf_done(&r->metadata);
    buf_done(&r->name);
    free(r);
}

/* What is left of each path on the way down; NULL: it does not lead here. */
struct rests {
    const char *of[RULES_MAX];
};

static void copy_masked(struct redact *r, struct json_value value, const struct rests *rests);

/* One step down. A name may hold dots itself, as those of OpenTelemetry do: it takes up as much of
 * a path. True when a path ends here. */
static bool step(const struct redact *r, const struct rests *rests, struct slice name,
                 struct rests *ret)
{
    bool ends = false;

    for (size_t i = 0; i < r->path_count; i++) {
        const char *rest = rests->of[i];
        bool fits = rest && strlen(rest) >= name.len && memcmp(rest, name.data, name.len) == 0;

        ends |= fits && !rest[name.len];
        ret->of[i] = fits && rest[name.len] == '.' ? rest + name.len + 1 : NULL;
    }
    return ends;
}

static void copy_member(struct redact *r, struct json_value key, struct json_value value,
                        const struct rests *rests)
{
    struct rests below;

    buf_clear(&r->name);
    buf_reserve(&r->name, key.raw.len);
    buf_add_slice(&r->metadata, key.raw);
    buf_add_char(&r->metadata, ':');
    if (step(r, rests, json_text(key, &r->name), &below)) {
        buf_add_json(&r->metadata, slice_of(mask_text));
        r->masked = true;
    } else {
        copy_masked(r, value, &below);
    }
}

static bool leads_on(const struct redact *r, const struct rests *rests)
{
    for (size_t i = 0; i < r->path_count; i++) {
        if (rests->of[i])
            return true;
    }
    return false;
}

static void copy_masked(struct redact *r, struct json_value value, const struct rests *rests)
{
    bool is_object = value.type == JSON_OBJECT;
    struct json_value key, item;
    struct json_iter it;
    size_t nth = 0;

    if ((!is_object && value.type != JSON_ARRAY) || !leads_on(r, rests)) {
        buf_add_slice(&r->metadata, value.raw);
        return;
    }
    buf_add_char(&r->metadata, is_object ? '{' : '[');
    for (it = json_iter(value); json_next(&it, &key, &item);) {
        if (nth++)
            buf_add_char(&r->metadata, ',');
        if (is_object)
            copy_member(r, key, item, rests);
        else
            copy_masked(r, item, rests);
    }
    buf_add_char(&r->metadata, is_object ? '}' : ']');
}

static bool mask_metadata(struct redact *r, struct record *record)
{
    struct rests all = {0};

    if (r->path_count == 0 || !record->metadata.data)
        return false;
    for (size_t i = 0; i < r->path_count; i++)
        all.of[i] = r->paths[i];
    r->masked = false;
    buf_clear(&r->metadata);
    copy_masked(r, json_root(record->metadata), &all);
    if (r->masked)
        record->metadata = buf_slice(&r->metadata);
    return r->masked;
}

static bool mask_field(struct slice *field)
{
    if (field->data)
        *field = slice_of(mask_text);
    return field->data;
}

/* Each stands in for the other (schemas/record.h). */
static void mask_twin(struct slice *user, struct slice *actor)
{
    if (slice_is(*user, mask_text) || slice_is(*actor, mask_text))
        *user = *actor = slice_of(mask_text);
}

bool redact_apply(struct redact *r, struct record *record)
{
    bool are_one = record->user_id.data && slice_eq(record->user_id, record->actor.id);
    bool masked = mask_metadata(r, record);

    for (size_t i = 0; i < r->plain_count; i++)
        masked |= mask_field((struct slice *)(void *)((char *)record + r->plain[i]));
    if (are_one)
        mask_twin(&record->user_id, &record->actor.id);
    return masked;
}
