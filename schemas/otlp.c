/* SPDX-License-Identifier: MIT */
#include "schemas/otlp.h"

#include "common/iso8601.h"
#include "schemas/otlp_any.h"
#include "schemas/record.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { ACTION_CHARS = 200, MESSAGE_CHARS = 2000, DIGITS_MAX = 20 };

/* One log record and what it stands in, while it is being written. */
struct log {
    struct json_value resource, scope, record; /* raw.data == NULL: absent */
    struct buf *out;
};

/* --- the record's members --- */

/* `name` is `"service":`. */
static void add_text(struct buf *out, const char *name, struct slice text, size_t max_chars)
{
    size_t len = 0, chars = 0;

    while (len < text.len && (chars < max_chars || ((unsigned char)text.data[len] & 0xc0) == 0x80))
        if (((unsigned char)text.data[len++] & 0xc0) != 0x80)
            chars++;
    if (out->data[out->len - 1] != '{')
        buf_add_char(out, ',');
    buf_add_text(out, name);
    buf_add_json(out, slice_make(text.data, len));
}

static void add_service(const struct log *log)
{
    AUTO_BUF arena = {0};
    struct slice service =
        otlp_text(otlp_attribute(otlp_member(log->resource, "attributes"), "service.name"), &arena);
    struct json_value scope = otlp_member(log->scope, "name");

    if (service.len == 0)
        service = otlp_text(otlp_attribute(otlp_member(log->record, "attributes"), "service.name"),
                            &arena);
    if (service.len == 0 && scope.type == JSON_STRING) {
        buf_reserve(&arena, scope.raw.len);
        service = json_text(scope, &arena);
    }
    add_text(log->out, "\"service\":", service.len > 0 ? service : slice_of("unknown_service"),
             SIZE_MAX);
}

static void add_action(const struct log *log)
{
    AUTO_BUF name_arena = {0};
    AUTO_BUF body_arena = {0};
    struct json_value event = otlp_member(log->record, "eventName");
    struct slice name = {NULL, 0}, body = otlp_text(otlp_member(log->record, "body"), &body_arena);

    if (event.type == JSON_STRING)
        buf_reserve(&name_arena, event.raw.len);
    if (event.type == JSON_STRING)
        name = json_text(event, &name_arena);
    if (name.len == 0)
        name = otlp_text(otlp_attribute(otlp_member(log->record, "attributes"), "event.name"),
                         &name_arena);
    if (name.len == 0)
        name = body.len > 0 ? body : slice_of("log");
    add_text(log->out, "\"action\":", name, ACTION_CHARS);
    if (body.len > 0)
        add_text(log->out, "\"message\":", body, MESSAGE_CHARS);
}

/* https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
static enum severity severity_of_number(long number)
{
    if (number >= 21)
        return SEVERITY_CRITICAL;
    if (number >= 17)
        return SEVERITY_ERROR;
    return number >= 13 ? SEVERITY_WARN : SEVERITY_INFO;
}

static char upper_of(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    return c;
}

static void lower(char *text)
{
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

/* An enum of protobuf may come as its name, SEVERITY_NUMBER_WARN2; so do the level's usual names
 * in severityText. */
static enum severity severity_of_name(struct slice name)
{
    static const struct {
        const char *word;
        enum severity severity;
    } words[] = {{"FATAL", SEVERITY_CRITICAL},
                 {"CRIT", SEVERITY_CRITICAL},
                 {"EMERG", SEVERITY_CRITICAL},
                 {"ERR", SEVERITY_ERROR},
                 {"WARN", SEVERITY_WARN}};
    char upper[64] = "";

    for (size_t i = 0; i < name.len && i < sizeof upper - 1; i++)
        upper[i] = upper_of(name.data[i]);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(upper, words[i].word))
            return words[i].severity;
    return SEVERITY_INFO;
}

static long small_number(struct json_value value)
{
    char digits[8] = "";

    if (value.type == JSON_NUMBER && value.raw.len < sizeof digits)
        memcpy(digits, value.raw.data, value.raw.len);
    return strtol(digits, NULL, 10);
}

static void add_severity(const struct log *log)
{
    struct json_value number = otlp_member(log->record, "severityNumber");
    struct json_value text = otlp_member(log->record, "severityText");
    enum severity severity = severity_of_number(small_number(number));

    if (number.type == JSON_STRING)
        severity = severity_of_name(number.raw);
    else if (small_number(number) == 0 && text.type == JSON_STRING)
        severity = severity_of_name(text.raw);
    buf_printf(log->out, ",\"severity\":\"%s\"", severity_name(severity));
}

/* Nanoseconds as a number or as its digits in a string; 0: unknown. */
static int64_t time_ms(struct json_value value)
{
    char digits[DIGITS_MAX + 1] = "";
    struct slice text = value.raw;

    if (value.type == JSON_STRING)
        text = slice_make(text.data + 1, text.len - 2);
    else if (value.type != JSON_NUMBER)
        return 0;
    if (!otlp_is_integer(text) || text.len > DIGITS_MAX - 1 || text.data[0] == '-')
        return 0;
    memcpy(digits, text.data, text.len);
    return strtoll(digits, NULL, 10) / 1000000;
}

static void add_time(const struct log *log)
{
    int64_t ms = time_ms(otlp_member(log->record, "timeUnixNano"));
    char text[ISO8601_LEN];

    if (ms == 0)
        ms = time_ms(otlp_member(log->record, "observedTimeUnixNano"));
    if (ms == 0)
        return;
    iso8601_format(ms, text);
    add_text(log->out, "\"timestamp\":", slice_make(text, sizeof text), SIZE_MAX);
}

/* Between its quotes; data == NULL when it is not so many digits, or all of them are 0. */
static struct slice hex_of(struct json_value value, size_t digits)
{
    bool zero = true;

    if (value.type != JSON_STRING || value.raw.len != digits + 2)
        return (struct slice){NULL, 0};
    for (size_t i = 1; i <= digits; i++) {
        if (!isxdigit((unsigned char)value.raw.data[i]))
            return (struct slice){NULL, 0};
        zero = zero && value.raw.data[i] == '0';
    }
    return zero ? (struct slice){NULL, 0} : slice_make(value.raw.data + 1, digits);
}

static void add_trace(const struct log *log)
{
    struct slice trace = hex_of(otlp_member(log->record, "traceId"), 32);
    struct slice span = hex_of(otlp_member(log->record, "spanId"), 16);
    long flags = small_number(otlp_member(log->record, "flags"));
    char text[56];

    if (!trace.data || !span.data)
        return;
    snprintf(text, sizeof text, "00-%.*s-%.*s-%02x", SLICE_ARG(trace), SLICE_ARG(span),
             (unsigned)flags & 0xff);
    lower(text);
    add_text(log->out, "\"traceparent\":", slice_of(text), SIZE_MAX);
}

/* Attributes that say what one of our members says. */
static void add_known(const struct log *log)
{
    static const struct {
        const char *attribute, *member;
    } known[] = {
        {"user.id", "\"userId\":"},       {"enduser.id", "\"userId\":"},
        {"client.address", "\"ip\":"},    {"user_agent.original", "\"userAgent\":"},
        {"session.id", "\"sessionId\":"}, {"log.record.uid", "\"id\":"},
    };
    struct json_value attributes = otlp_member(log->record, "attributes");

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        AUTO_BUF arena = {0};
        struct slice text = otlp_text(otlp_attribute(attributes, known[i].attribute), &arena);
        bool is_id = strcmp(known[i].attribute, "log.record.uid") == 0;

        if (text.len > 0 && (!is_id || id_valid(text)))
            add_text(log->out, known[i].member, text, SIZE_MAX);
    }
}

static void add_part(struct buf *out, bool *some, const char *name)
{
    if (*some)
        buf_add_char(out, ',');
    *some = true;
    buf_printf(out, "\"%s\":", name);
}

/* The record's attributes, and beside them what it stands in. */
static void add_metadata(const struct log *log)
{
    struct json_value attributes = otlp_member(log->resource, "attributes");
    struct json_value scope = otlp_member(log->scope, "name"),
                      body = otlp_member(log->record, "body");
    bool some = false, inner = false;
    struct buf *out = log->out;

    buf_add_text(out, ",\"metadata\":{");
    otlp_add_attributes(out, otlp_member(log->record, "attributes"), &some);
    if (attributes.type == JSON_ARRAY) {
        add_part(out, &some, "resource");
        buf_add_char(out, '{');
        otlp_add_attributes(out, attributes, &inner);
        buf_add_char(out, '}');
    }
    if (scope.type == JSON_STRING && scope.raw.len > 2) {
        add_part(out, &some, "scope");
        buf_add_slice(out, scope.raw);
    }
    if (otlp_member(body, "kvlistValue").raw.data || otlp_member(body, "arrayValue").raw.data) {
        add_part(out, &some, "body");
        otlp_add_any(out, body);
    }
    buf_add_char(out, '}');
}

static void add_record(const struct log *log)
{
    if (log->record.type != JSON_OBJECT) {
        buf_add_text(log->out, "null\n"); /* which the validator refuses */
        return;
    }
    buf_add_char(log->out, '{');
    add_service(log);
    add_action(log);
    add_severity(log);
    add_time(log);
    add_trace(log);
    add_known(log);
    add_metadata(log);
    buf_add_text(log->out, "}\n");
}

/* --- the request's shape --- */

/* False: there is none, or it is no array, which is a fault. */
static bool array_of(struct json_value object, const char *name, struct faults *faults,
                     struct json_value *ret)
{
    *ret = otlp_member(object, name);
    if (!ret->raw.data)
        return false;
    if (ret->type != JSON_ARRAY)
        faults_add(faults, slice_of(name), "\"%s\" must be an array", name);
    return ret->type == JSON_ARRAY;
}

static void add_scope(struct log *log, struct faults *faults, struct json_value scope_logs)
{
    struct json_value records;

    log->scope = otlp_member(scope_logs, "scope");
    if (!array_of(scope_logs, "logRecords", faults, &records))
        return;
    struct json_iter it = json_iter(records);
    while (json_next(&it, NULL, &log->record))
        add_record(log);
}

enum result otlp_to_records(struct json_value request, struct buf *out, struct faults *faults)
{
    struct log log = {.out = out};
    struct json_value resources, scopes, resource_logs, scope_logs;
    size_t before = faults->count;

    if (request.type != JSON_OBJECT)
        faults_add(faults, slice_of(""), "\"value\" must be of type object");
    else if (array_of(request, "resourceLogs", faults, &resources)) {
        struct json_iter it = json_iter(resources);
        while (json_next(&it, NULL, &resource_logs)) {
            log.resource = otlp_member(resource_logs, "resource");
            if (!array_of(resource_logs, "scopeLogs", faults, &scopes))
                continue;
            struct json_iter inner = json_iter(scopes);
            while (json_next(&inner, NULL, &scope_logs))
                add_scope(&log, faults, scope_logs);
        }
    }
    return faults->count == before ? OK : REJECT;
}
