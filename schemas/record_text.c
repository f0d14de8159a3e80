/* SPDX-License-Identifier: MIT */
/* Members that are text, and groups of such. */
#include "schemas/record_reading.h"

#include <stdio.h>

enum { ACTOR_ID_MAX = 100, TAG_MAX = 50 };

static const struct slice absent = {0};

struct slice reading_text(struct reading *rd, struct json_value string)
{
    /* Each string is read at most once, and no text is longer than its JSON. */
    if (string.escaped && rd->r->_arena.len == 0)
        buf_reserve(&rd->r->_arena, rd->r->json.len);
    return json_text(string, &rd->r->_arena);
}

/* Text that is not empty. */
static struct slice read_any_text(struct reading *rd, struct json_value v, const char *path)
{
    if (is_absent(v))
        return absent;
    if (v.type != JSON_STRING) {
        reading_refuse(rd, path, "must be a string");
        return absent;
    }
    struct slice text = reading_text(rd, v);
    if (text.len == 0) {
        reading_refuse(rd, path, "is not allowed to be empty");
        return absent;
    }
    return text;
}

struct slice read_text(struct reading *rd, struct json_value v, const char *path, size_t max)
{
    struct slice text = read_any_text(rd, v, path);
    if (max == NO_LIMIT || text.len <= max || json_code_points(text) <= max)
        return text;
    reading_refuse(rd, path, "length must be less than or equal to %zu characters long", max);
    return absent;
}

static void refuse_pattern(struct reading *rd, const char *path, struct slice text,
                           const char *pattern)
{
    char shown[SHOWN_SIZE];
    reading_refuse(rd, path, "with value \"%s\" fails to match the required pattern: %s",
                   reading_shown(text, shown), pattern);
}

struct slice read_id(struct reading *rd, struct json_value v, const char *path)
{
    struct slice id = read_any_text(rd, v, path);
    if (!id.data || id_valid(id))
        return id;
    refuse_pattern(rd, path, id, "/^[A-Za-z0-9._:-]{1,64}$/");
    return absent;
}

struct slice read_tenant(struct reading *rd, struct json_value v, const char *path)
{
    struct slice tenant = read_any_text(rd, v, path);
    if (!tenant.data || tenant_valid(tenant))
        return tenant;
    refuse_pattern(rd, path, tenant, "/^[A-Za-z0-9._-]{1,64}$/");
    return absent;
}

static struct slice read_entity_member(struct reading *rd, enum field which, struct json_value v,
                                       const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s.%s", field_name(which), name);
    bool is_user = which == FIELD_ACTOR && strcmp(name, "id") == 0; /* may become the userId */
    return read_text(rd, v, path, is_user ? ACTOR_ID_MAX : NO_LIMIT);
}

struct entity read_entity(struct reading *rd, enum field which)
{
    struct json_value v = rd->values[which], key, member, type = {0}, id = {0}, name = {0};
    if (is_absent(v))
        return (struct entity){0};
    if (v.type != JSON_OBJECT) {
        reading_refuse(rd, field_name(which), "must be of type object");
        return (struct entity){0};
    }
    struct json_iter it = json_iter(v);
    while (json_next(&it, &key, &member)) {
        if (json_key_is(key, "type"))
            type = member;
        else if (json_key_is(key, "id"))
            id = member;
        else if (json_key_is(key, "name"))
            name = member;
    }
    struct entity e;
    e.type = read_entity_member(rd, which, type, "type");
    e.id = read_entity_member(rd, which, id, "id");
    e.name = read_entity_member(rd, which, name, "name");
    return e;
}

struct slice read_tags(struct reading *rd)
{
    struct json_value v = rd->values[FIELD_TAGS], tag;
    if (is_absent(v))
        return absent;
    if (v.type != JSON_ARRAY) {
        reading_refuse(rd, "tags", "must be an array");
        return absent;
    }
    size_t count = 0;
    struct json_iter it = json_iter(v);
    for (; json_next(&it, NULL, &tag); count++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "tags[%zu]", count);
        read_text(rd, tag, path, TAG_MAX);
    }
    if (count > RECORD_TAGS_MAX)
        reading_refuse(rd, "tags", "must contain less than or equal to %d items", RECORD_TAGS_MAX);
    return v.raw;
}
