/* SPDX-License-Identifier: MIT */
#include "gateway/replay_body.h"

#include "gateway/loop.h"
#include "schemas/json.h"
#include "schemas/record.h"

enum { BODY_DEPTH = RECORD_MAX_DEPTH + 1, BODY_BYTES = RECORD_MAX_BYTES + 1024 };

static bool check_record(struct slice json, struct faults *faults)
{
    const struct record_rules rules = {RECORD_HTTP, false, -1};
    struct record record = {0};
    struct err why;

    if (record_parse(&record, json, &rules, faults, &why) != OK && faults->count == 0)
        faults_add(faults, slice_of(""), "%s", why.text);
    record_done(&record);
    return faults->count == 0;
}

static bool find_record(struct slice json, struct buf *out, struct faults *faults)
{
    struct json_value root = json_root(json), key, value, record = {.raw = {NULL, 0}};
    struct json_iter it;

    if (root.type != JSON_OBJECT) {
        faults_add(faults, slice_of(""), "\"value\" must be of type object");
        return false;
    }
    it = json_iter(root);
    while (json_next(&it, &key, &value))
        if (json_key_is(key, "record"))
            record = value;
    if (record.raw.data && record.type != JSON_OBJECT)
        faults_add(faults, slice_of("record"), "\"record\" must be of type object");
    else if (record.raw.data && check_record(record.raw, faults))
        buf_add_slice(out, record.raw);
    return faults->count == 0;
}

bool replay_body_read(const struct request *r, struct buf *out, struct faults *faults,
                      struct refusal *refusal)
{
    struct slice body = {r->req->entity.base, r->req->entity.len};
    enum body_format format;
    struct err err;

    if (body.len == 0)
        return true;
    if (!body_decode(request_header(r, "content-encoding"), body, BODY_BYTES, &r->loop->body, &body,
                     refusal) ||
        !body_format(request_header(r, "content-type"), &format, refusal))
        return false;
    if (json_check(body, BODY_DEPTH, &err) != OK)
        return refuse(refusal, 400, "malformed_json", "Malformed JSON: %.200s", err.text);
    return find_record(body, out, faults);
}
