/* SPDX-License-Identifier: MIT */
#include "schemas/cloudevent.h"

#include "common/ident.h"
#include "schemas/record_reading.h"

enum attribute {
    ID,
    SOURCE,
    SPECVERSION,
    TYPE, /* the required ones end here */
    SUBJECT,
    TIME,
    TRACEPARENT,
    DATA,
    DATA_BASE64,
    ATTRIBUTE_COUNT, /* from here on: extensions, and what is only kept */
};

static const char *const names[ATTRIBUTE_COUNT] = {
    [ID] = "id",     [SOURCE] = "source",           [SPECVERSION] = "specversion",
    [TYPE] = "type", [SUBJECT] = "subject",         [TIME] = "time",
    [DATA] = "data", [DATA_BASE64] = "data_base64", [TRACEPARENT] = "traceparent",
};

struct event {
    struct json_value object, values[ATTRIBUTE_COUNT]; /* null counts as absent */
    bool has_record;                                   /* data looks like one of our records */
    struct buf *out;
};

static enum attribute attribute_of(struct json_value key)
{
    enum attribute a = 0;

    while (a < ATTRIBUTE_COUNT && !json_key_is(key, names[a]))
        a++;
    return a;
}

static struct json_value member(struct json_value object, const char *name)
{
    struct json_value key, value, found = {.type = JSON_NULL, .raw = {NULL, 0}};

    if (object.type != JSON_OBJECT)
        return found;
    struct json_iter it = json_iter(object);
    while (json_next(&it, &key, &value))
        if (json_key_is(key, name))
            found = value;
    return found;
}

static void collect(struct event *e)
{
    struct json_value key, value;
    struct json_iter it = json_iter(e->object);

    while (json_next(&it, &key, &value)) {
        enum attribute a = attribute_of(key);

        if (a < ATTRIBUTE_COUNT)
            e->values[a] = value.type == JSON_NULL ? (struct json_value){.raw = {NULL, 0}} : value;
    }
    e->has_record = member(e->values[DATA], "service").type == JSON_STRING ||
                    member(e->values[DATA], "action").type == JSON_STRING;
}

static bool is_empty(struct json_value string)
{
    return string.raw.len == 2;
}

static void check(struct reading *rd, const struct event *e)
{
    for (enum attribute a = ID; a <= SUBJECT; a++) {
        struct json_value v = e->values[a];

        if (!v.raw.data && a <= TYPE)
            reading_refuse(rd, names[a], "is required");
        else if (v.raw.data && v.type != JSON_STRING)
            reading_refuse(rd, names[a], "must be a string");
        else if (v.raw.data && is_empty(v))
            reading_refuse(rd, names[a], "is not allowed to be empty");
        else if (a == SPECVERSION && !json_key_is(v, "1.0"))
            reading_refuse(rd, names[a], "must be one of [1.0]");
    }
    if (e->values[DATA].raw.data && e->values[DATA_BASE64].raw.data)
        reading_refuse(rd, names[DATA_BASE64], "is not allowed");
    if (e->values[DATA_BASE64].raw.data && e->values[DATA_BASE64].type != JSON_STRING)
        reading_refuse(rd, names[DATA_BASE64], "must be a string");
}

/* --- the record --- */

static void add_raw(struct buf *out, const char *name, struct slice raw)
{
    if (!raw.data)
        return;
    if (out->data[out->len - 1] != '{')
        buf_add_char(out, ',');
    buf_printf(out, "\"%s\":", name);
    buf_add_slice(out, raw);
}

/* An event is known by its source and id together. An id that is one of ours stays what it is, for
 * clients ask for it by that; any other becomes a UUID made of both. */
static void add_id(const struct event *e)
{
    AUTO_BUF arena = {0};
    char made[UUID_LEN];
    struct slice id, source;

    buf_reserve(&arena, e->values[ID].raw.len + e->values[SOURCE].raw.len);
    id = json_text(e->values[ID], &arena);
    source = json_text(e->values[SOURCE], &arena);
    if (!id_valid(id)) {
        uuid_v8(hash128_pair(source, id), made);
        id = slice_make(made, sizeof made);
    }
    buf_add_text(e->out, "\"id\":");
    buf_add_json(e->out, id);
}

static bool take_prefix(struct slice *text, const char *prefix)
{
    size_t len = strlen(prefix);

    if (text->len <= len || memcmp(text->data, prefix, len) != 0)
        return false;
    *text = slice_make(text->data + len, text->len - len);
    return true;
}

/* `user:ada`, `user/ada` and `users/ada` name a user, anything else a thing. */
static void add_subject(const struct event *e)
{
    static const char *const prefixes[] = {"user:", "user/", "users/", "/users/"};
    AUTO_BUF arena = {0};
    struct slice subject;

    if (!e->values[SUBJECT].raw.data)
        return;
    buf_reserve(&arena, e->values[SUBJECT].raw.len);
    subject = json_text(e->values[SUBJECT], &arena);
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (take_prefix(&subject, prefixes[i])) {
            buf_add_text(e->out, ",\"userId\":");
            buf_add_json(e->out, subject);
            return;
        }
    buf_add_text(e->out, ",\"resource\":{\"id\":");
    buf_add_json(e->out, subject);
    buf_add_char(e->out, '}');
}

/* Of two equal keys the last counts, so what data says itself stands. */
static void add_own_members(const struct event *e)
{
    struct json_value key, value;
    struct json_iter it = json_iter(e->values[DATA]);

    while (json_next(&it, &key, &value)) {
        enum field f = field_of(key);

        if (f != FIELD_UNKNOWN && f != FIELD_ID && f != FIELD_ID_ALIAS && f != FIELD_METADATA)
            add_raw(e->out, field_name(f), value.raw);
    }
}

static void add_members(struct buf *out, struct json_value object)
{
    struct json_value key, value;
    struct json_iter it = json_iter(object);

    while (json_next(&it, &key, &value)) {
        if (out->data[out->len - 1] != '{')
            buf_add_char(out, ',');
        buf_add_slice(out, key.raw);
        buf_add_char(out, ':');
        buf_add_slice(out, value.raw);
    }
}

/* JSON is what goes without saying. */
static bool is_plain_json(struct json_value key, struct json_value value)
{
    static const char type[] = "\"application/json";

    return json_key_is(key, "datacontenttype") && value.raw.len >= sizeof type &&
           memcmp(value.raw.data, type, sizeof type - 1) == 0;
}

/* Attributes that are no member of a record: extensions, dataschema, datacontenttype, and those
 * in whose place the data's own member stands. */
static void add_rest(const struct event *e)
{
    struct json_value key, value;
    struct json_iter it = json_iter(e->object);
    size_t from = e->out->len, opened;

    if (e->out->data[e->out->len - 1] != '{')
        buf_add_char(e->out, ',');
    buf_add_text(e->out, "\"cloudevent\":{");
    opened = e->out->len;
    if (e->has_record && member(e->values[DATA], "service").raw.data)
        add_raw(e->out, names[SOURCE], e->values[SOURCE].raw);
    if (e->has_record && member(e->values[DATA], "action").raw.data)
        add_raw(e->out, names[TYPE], e->values[TYPE].raw);
    while (json_next(&it, &key, &value)) {
        if (attribute_of(key) < ATTRIBUTE_COUNT || is_plain_json(key, value))
            continue;
        if (e->out->len > opened)
            buf_add_char(e->out, ',');
        buf_add_slice(e->out, key.raw);
        buf_add_char(e->out, ':');
        buf_add_slice(e->out, value.raw);
    }
    if (e->out->len == opened)
        e->out->len = from; /* there is none */
    else
        buf_add_char(e->out, '}');
}

static void add_metadata(const struct event *e)
{
    struct json_value data = e->values[DATA];
    struct json_value own = e->has_record ? member(data, "metadata") : data;

    if (e->has_record && own.raw.data && own.type != JSON_OBJECT) {
        add_raw(e->out, "metadata", own.raw); /* for the validator to refuse */
        return;
    }
    buf_add_text(e->out, ",\"metadata\":{");
    if (own.type == JSON_OBJECT && own.raw.data)
        add_members(e->out, own);
    else if (!e->has_record)
        add_raw(e->out, "data", data.raw);
    add_raw(e->out, names[DATA_BASE64], e->values[DATA_BASE64].raw);
    add_rest(e);
    buf_add_char(e->out, '}');
}

enum result cloudevent_to_record(struct json_value event, int index, struct buf *out,
                                 struct faults *faults)
{
    const struct record_rules rules = {.index = index};
    struct reading rd = {.rules = &rules, .faults = faults};
    struct event e = {.object = event, .out = out};
    size_t before = faults->count + faults->dropped;

    if (event.type != JSON_OBJECT) {
        reading_refuse(&rd, "", "must be of type object");
        return REJECT;
    }
    collect(&e);
    check(&rd, &e);
    if (faults->count + faults->dropped > before)
        return REJECT;
    buf_add_char(out, '{');
    add_id(&e);
    add_raw(out, "service", e.values[SOURCE].raw);
    add_raw(out, "action", e.values[TYPE].raw);
    add_raw(out, "timestamp", e.values[TIME].raw);
    add_raw(out, "traceparent", e.values[TRACEPARENT].raw);
    add_subject(&e);
    if (e.has_record)
        add_own_members(&e);
    add_metadata(&e);
    buf_add_char(out, '}');
    return OK;
}
