/* SPDX-License-Identifier: MIT */
/* The order in which a record is read is the order of its faults in an answer. */
#include "common/iso8601.h"
#include "schemas/record_reading.h"

enum { SERVICE_MAX = 100, ACTION_MAX = 200, USER_ID_MAX = 100, MESSAGE_MAX = 2000 };

static void collect(struct reading *rd, struct json_value object)
{
    struct json_value key, value;
    struct json_iter it = json_iter(object);
    while (json_next(&it, &key, &value))
        rd->values[field_of(key)] = value;
}

static struct slice read_field(struct reading *rd, enum field f, size_t max)
{
    return read_text(rd, rd->values[f], field_name(f), max);
}

static struct slice read_required(struct reading *rd, enum field f, size_t max)
{
    if (is_absent(rd->values[f]))
        reading_refuse(rd, field_name(f), "is required");
    return read_field(rd, f, max);
}

/* The text of a member that must be one of a few words; "" when it is no text at all. */
static struct slice read_word(struct reading *rd, enum field f)
{
    struct json_value v = rd->values[f];
    return v.type == JSON_STRING ? reading_text(rd, v) : slice_of("");
}

/* Has a second fault when it is not even a word. */
static void refuse_word(struct reading *rd, enum field f, struct slice word, const char *words)
{
    reading_refuse(rd, field_name(f), "must be one of [%s]", words);
    if (rd->values[f].type != JSON_STRING)
        reading_refuse(rd, field_name(f), "must be a string");
    else if (word.len == 0)
        reading_refuse(rd, field_name(f), "is not allowed to be empty");
}

static void read_severity(struct reading *rd)
{
    if (is_absent(rd->values[FIELD_SEVERITY]))
        return;
    struct slice word = read_word(rd, FIELD_SEVERITY);
    if (!severity_parse(word, &rd->r->severity))
        refuse_word(rd, FIELD_SEVERITY, word, "info, warn, error, critical");
}

static void read_outcome(struct reading *rd)
{
    if (is_absent(rd->values[FIELD_OUTCOME]))
        return;
    struct slice word = read_word(rd, FIELD_OUTCOME);
    if (!outcome_parse(word, &rd->r->outcome))
        refuse_word(rd, FIELD_OUTCOME, word, "success, failure");
}

static void read_timestamp(struct reading *rd)
{
    struct json_value v = rd->values[FIELD_TIMESTAMP];
    if (is_absent(v))
        return;
    if (v.type != JSON_STRING)
        reading_refuse(rd, "timestamp", "must be a valid date");
    else if (!iso8601_parse(reading_text(rd, v), &rd->r->timestamp_ms))
        reading_refuse(rd, "timestamp", "must be in ISO 8601 date format");
    rd->r->has_timestamp = true;
}

static void read_names(struct reading *rd)
{
    struct record *r = rd->r;
    r->id = read_id(rd, rd->values[FIELD_ID], "id");
    if (rd->rules->origin != RECORD_KAFKA)
        return;
    struct slice alias = read_id(rd, rd->values[FIELD_ID_ALIAS], "_id");
    if (!r->id.data)
        r->id = alias;
    r->tenant = read_tenant(rd, rd->values[FIELD_TENANT], "tenant");
}

static void read_members(struct reading *rd)
{
    struct record *r = rd->r;
    r->service = read_required(rd, FIELD_SERVICE, SERVICE_MAX);
    r->action = read_required(rd, FIELD_ACTION, ACTION_MAX);
    r->user_id = read_field(rd, FIELD_USER_ID, USER_ID_MAX);
    r->metadata = read_metadata(rd);
    read_severity(rd);
    read_timestamp(rd);
    read_names(rd);
    r->actor = read_entity(rd, FIELD_ACTOR);
    r->resource = read_entity(rd, FIELD_RESOURCE);
    r->changes = read_changes(rd);
    read_outcome(rd);
    r->message = read_field(rd, FIELD_MESSAGE, MESSAGE_MAX);
    r->tags = read_tags(rd);
    r->ip = read_field(rd, FIELD_IP, NO_LIMIT);
    r->user_agent = read_field(rd, FIELD_USER_AGENT, NO_LIMIT);
    r->session_id = read_field(rd, FIELD_SESSION_ID, NO_LIMIT);
    r->request_id = read_field(rd, FIELD_REQUEST_ID, NO_LIMIT);
    r->traceparent = read_field(rd, FIELD_TRACEPARENT, NO_LIMIT);
}

/* `_id` is a name of Kafka's alone: over HTTP it would be dropped, which strict is there to say. */
static bool is_known(const struct reading *rd, enum field f)
{
    return f != FIELD_UNKNOWN && (f != FIELD_ID_ALIAS || rd->rules->origin == RECORD_KAFKA);
}

static void refuse_unknown(struct reading *rd, struct json_value object)
{
    struct json_value key, value;
    struct json_iter it = json_iter(object);
    while (json_next(&it, &key, &value)) {
        if (!is_known(rd, field_of(key)))
            reading_refuse_unknown(rd, key);
    }
}

/* metadata is the client's own: what does not fit there is no fault, it just does not stand in. */
static void stand_in(struct reading *rd, struct slice *member, struct json_value v)
{
    if (member->data || is_absent(v) || v.type != JSON_STRING)
        return;
    struct slice text = reading_text(rd, v);
    if (text.len > 0)
        *member = text;
}

static void fill_in(struct reading *rd)
{
    struct record *r = rd->r;
    if (!r->user_id.data)
        r->user_id = r->actor.id;
    else if (!r->actor.id.data)
        r->actor.id = r->user_id;
    stand_in(rd, &r->ip, rd->metadata.ip);
    stand_in(rd, &r->user_agent, rd->metadata.user_agent);
    stand_in(rd, &r->session_id, rd->metadata.session_id);
    stand_in(rd, &r->request_id, rd->metadata.request_id);
}

enum result record_read(struct record *r, struct json_value value, const struct record_rules *rules,
                        struct faults *faults)
{
    struct buf arena = r->_arena;
    buf_clear(&arena);
    *r = (struct record){.outcome = OUTCOME_NONE, .json = value.raw, ._arena = arena};
    struct reading rd = {.r = r, .rules = rules, .faults = faults};
    size_t before = faults->count + faults->dropped;

    if (value.type != JSON_OBJECT) {
        reading_refuse(&rd, "", "must be of type object");
        return REJECT;
    }
    collect(&rd, value);
    read_members(&rd);
    if (rules->strict)
        refuse_unknown(&rd, value);
    if (faults->count + faults->dropped > before)
        return REJECT;
    fill_in(&rd);
    return OK;
}

enum result record_parse(struct record *r, struct slice bytes, const struct record_rules *rules,
                         struct faults *faults, struct err *err)
{
    struct err why;
    if (bytes.len > RECORD_MAX_BYTES)
        return err_set(err, REJECT, "too_large: %zu bytes, at most %d", bytes.len,
                       RECORD_MAX_BYTES);
    if (json_check(bytes, RECORD_MAX_DEPTH, &why) != OK)
        return err_set(err, REJECT, "malformed_json: %s", why.text);
    size_t first = faults->count;
    if (record_read(r, json_root(bytes), rules, faults) == OK)
        return OK;
    struct slice fault = first < faults->count ? fault_message(faults, first) : slice_of("?");
    return err_set(err, REJECT, "validation_error: %.*s", SLICE_ARG(fault));
}

void record_done(struct record *r)
{
    buf_done(&r->_arena);
    *r = (struct record){0};
}
