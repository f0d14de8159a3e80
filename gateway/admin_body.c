/* SPDX-License-Identifier: MIT */
#include "gateway/admin_body.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double safe_max = 9007199254740991.0; /* 2^53 - 1, as JavaScript has it */

static void refuse_value(struct admin_body *body, const char *path, const char *why)
{
    faults_add(&body->faults, slice_of(path), "\"%s\" %s", path, why);
}

bool admin_body_parse(struct slice json, struct admin_body *ret, struct refusal *refusal)
{
    struct err err;

    *ret = (struct admin_body){0};
    refusal->status = 0;
    if (json_check(json, ADMIN_BODY_DEPTH, &err) != OK)
        return refuse(refusal, 400, "malformed_json", "Malformed JSON: %.200s", err.text);
    /* A copy, which outlives the request and ends with a NUL. No text is longer than its JSON, and
     * each is read once: so `_text` never moves. */
    buf_add_slice(&ret->_json, json);
    buf_text(&ret->_json);
    buf_reserve(&ret->_text, json.len);
    ret->root = json_root(buf_slice(&ret->_json));
    if (ret->root.type == JSON_OBJECT)
        return true;
    faults_add(&ret->faults, slice_of(""), "\"value\" must be of type object");
    return false;
}

static bool read_json(struct request *r, struct admin_body *ret, struct refusal *refusal)
{
    AUTO_BUF inflated = {0};
    struct slice body = {r->req->entity.base, r->req->entity.len};
    enum body_format format;

    *ret = (struct admin_body){0};
    if (!body_decode(request_header(r, "content-encoding"), body, ADMIN_BODY_BYTES, &inflated,
                     &body, refusal) ||
        !body_format(request_header(r, "content-type"), &format, refusal))
        return false;
    if (format == BODY_NDJSON)
        return refuse(refusal, 415, "unsupported_media_type",
                      "Unsupported Media Type: send application/json");
    if (!body.data)
        body = slice_of("");
    return admin_body_parse(body, ret, refusal);
}

bool admin_body_read(struct request *r, struct admin_body *ret)
{
    struct refusal refusal = {0};

    if (read_json(r, ret, &refusal))
        return true;
    if (refusal.status == 0)
        answer_faults(r, &ret->faults);
    else
        answer_error(r, refusal.status, refusal.code, refusal.message);
    admin_body_done(ret);
    return false;
}

bool admin_body_settle(struct request *r, struct admin_body *body)
{
    if (body->faults.count == 0)
        return true;
    answer_faults(r, &body->faults);
    admin_body_done(body);
    return false;
}

void admin_body_done(struct admin_body *body)
{
    faults_done(&body->faults);
    buf_done(&body->_json);
    buf_done(&body->_text);
}

struct json_value admin_member(struct json_value object, const char *name)
{
    struct json_value key, value, found = {.raw = {NULL, 0}};
    struct json_iter it = json_iter(object);

    while (json_next(&it, &key, &value))
        if (json_key_is(key, name))
            found = value;
    return found;
}

struct json_value admin_require(struct admin_body *body, struct json_value object, const char *name,
                                const char *path)
{
    struct json_value value = admin_member(object, name);

    if (!value.raw.data)
        refuse_value(body, path, "is required");
    return value;
}

static bool is_one_of(struct json_value key, const char *const *names)
{
    for (; *names; names++)
        if (json_key_is(key, *names))
            return true;
    return false;
}

void admin_only(struct admin_body *body, struct json_value object, const char *path,
                const char *const *names)
{
    struct json_value key, value;
    struct json_iter it = json_iter(object);

    while (json_next(&it, &key, &value)) {
        AUTO_BUF field = {0};
        AUTO_BUF unescaped = {0};
        if (is_one_of(key, names))
            continue;
        struct slice name = json_text(key, &unescaped);
        buf_printf(&field, "%s%s%.*s", path, *path ? "." : "", SLICE_ARG(name));
        faults_add(&body->faults, buf_slice(&field), "\"%s\" is not allowed", buf_text(&field));
    }
}

struct slice admin_text(struct admin_body *body, struct json_value value, const char *path,
                        size_t min, size_t max)
{
    static const struct slice none = {NULL, 0};
    char why[80];

    if (!value.raw.data)
        return none;
    if (value.type != JSON_STRING) {
        refuse_value(body, path, "must be a string");
        return none;
    }
    struct slice text = json_text(value, &body->_text);
    size_t len = json_code_points(text);
    if (len == 0 && min > 0)
        snprintf(why, sizeof why, "is not allowed to be empty");
    else if (len < min)
        snprintf(why, sizeof why, "length must be at least %zu characters long", min);
    else if (len > max)
        snprintf(why, sizeof why, "length must be less than or equal to %zu characters long", max);
    else
        return text;
    refuse_value(body, path, why);
    return none;
}

int admin_choice(struct admin_body *body, struct json_value value, const char *path,
                 const char *const *choices)
{
    AUTO_BUF why = {0};

    if (!value.raw.data)
        return -1;
    for (int i = 0; choices[i]; i++)
        if (value.type == JSON_STRING && json_key_is(value, choices[i]))
            return i;
    buf_add_text(&why, "must be one of [");
    for (int i = 0; choices[i]; i++)
        buf_printf(&why, "%s%s", i > 0 ? ", " : "", choices[i]);
    buf_add_char(&why, ']');
    refuse_value(body, path, buf_text(&why));
    return -1;
}

int64_t admin_integer(struct admin_body *body, struct json_value value, const char *path,
                      int64_t min, int64_t max, int64_t fallback)
{
    char why[80];

    if (!value.raw.data)
        return fallback;
    if (value.type != JSON_NUMBER) {
        refuse_value(body, path, "must be a number");
        return fallback;
    }
    double number =
        strtod(value.raw.data, NULL); /* ends where the number does: it is in an object */
    if (fabs(number) > safe_max)
        snprintf(why, sizeof why, "must be a safe number");
    else if (number != floor(number))
        snprintf(why, sizeof why, "must be an integer");
    else if (number < (double)min)
        snprintf(why, sizeof why, "must be greater than or equal to %lld", (long long)min);
    else if (number > (double)max)
        snprintf(why, sizeof why, "must be less than or equal to %lld", (long long)max);
    else
        return (int64_t)number;
    refuse_value(body, path, why);
    return fallback;
}

bool admin_array(struct admin_body *body, struct json_value value, const char *path, size_t min,
                 size_t max)
{
    struct json_value element;
    char why[80];
    size_t count = 0;

    if (!value.raw.data)
        return false;
    if (value.type != JSON_ARRAY) {
        refuse_value(body, path, "must be an array");
        return false;
    }
    for (struct json_iter it = json_iter(value); json_next(&it, NULL, &element);)
        count++;
    if (count >= min && count <= max)
        return true;
    if (count < min)
        snprintf(why, sizeof why, "must contain at least %zu items", min);
    else
        snprintf(why, sizeof why, "must contain less than or equal to %zu items", max);
    refuse_value(body, path, why);
    return false;
}

bool admin_object(struct admin_body *body, struct json_value value, const char *path)
{
    if (value.raw.data && value.type != JSON_OBJECT)
        refuse_value(body, path, "must be of type object");
    return value.raw.data && value.type == JSON_OBJECT;
}
