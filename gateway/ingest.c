/* SPDX-License-Identifier: MIT */
#include "gateway/ingest.h"

#include "common/clock.h"
#include "common/percent.h"
#include "gateway/loop.h"
#include "gateway/meters.h"
#include "schemas/cloudevent.h"

static bool flag(const struct request *r, const char *name)
{
    struct slice value = form_get(r->query, name);
    return slice_is(value, "true") || slice_is(value, "1");
}

/* The attributes of an event in binary mode: what has them needs no other type. Percent-encoded,
 * says the HTTP binding. */
static size_t find_attributes(struct request *r, struct buf *arena,
                              struct cloudevent_attribute out[CLOUDEVENT_ATTRIBUTES])
{
    const h2o_headers_t *headers = &r->req->headers;
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < headers->size; i++)
        bytes += headers->entries[i].value.len;
    buf_clear(arena);
    buf_reserve(arena, bytes + 1);
    for (size_t i = 0; i < headers->size && count < CLOUDEVENT_ATTRIBUTES; i++) {
        const h2o_header_t *h = &headers->entries[i];
        if (h->name->len <= 3 || memcmp(h->name->base, "ce-", 3) != 0)
            continue;
        size_t from = arena->len;
        percent_decode(arena, slice_make(h->value.base, h->value.len), false);
        out[count].name = slice_make(h->name->base + 3, h->name->len - 3);
        out[count++].value = slice_make(arena->data + from, arena->len - from);
    }
    return count;
}

static bool is_binary_event(struct request *r)
{
    struct slice type = request_header(r, "content-type");
    return (request_header(r, "ce-specversion").data || request_header(r, "ce-type").data) &&
           !cloudevent_is_structured(type) && !cloudevent_is_batch(type);
}

/* As the same event in structured mode, in the loop's text. */
static bool read_binary_event(struct request *r, struct slice body, struct slice *ret,
                              struct refusal *refusal)
{
    struct cloudevent_attribute attributes[CLOUDEVENT_ATTRIBUTES];
    AUTO_BUF arena = {0};
    struct cloudevent_message m = {
        .content_type = request_header(r, "content-type"),
        .value = body,
        .attributes = attributes,
        .attribute_count = find_attributes(r, &arena, attributes),
    };
    struct err err;
    if (body.len > RECORD_MAX_BYTES)
        return refuse(refusal, 413, "payload_too_large",
                      "Payload Too Large: a record may be at most %d bytes", RECORD_MAX_BYTES);
    if (cloudevent_gather(&m, &r->loop->text, &err) != OK)
        return refuse(refusal, 400, "malformed_json", "Malformed event: %.200s", err.text);
    *ret = buf_slice(&r->loop->text);
    return true;
}

/* To the JSON text in the body. False: `refusal` says why. */
static bool read_text(struct request *r, enum body_format *ret_format, struct slice *ret,
                      struct refusal *refusal)
{
    struct loop *l = r->loop;
    size_t max_bytes = (size_t)l->gateway->settings->max_body_bytes;
    struct slice body = {r->req->entity.base, r->req->entity.len};
    if (!body_decode(request_header(r, "content-encoding"), body, max_bytes, &l->body, &body,
                     refusal))
        return false;
    if (is_binary_event(r)) {
        *ret_format = BODY_CLOUDEVENT;
        return read_binary_event(r, body, ret, refusal);
    }
    if (!body_format(request_header(r, "content-type"), ret_format, refusal))
        return false;
    *ret = body;
    return *ret_format != BODY_FORM || body_form(body, &l->text, ret, refusal);
}

static bool read_batch(struct request *r, bool must_be_array, bool partial, struct refusal *refusal)
{
    struct slice text = {NULL, 0};
    struct batch_rules rules = {
        .must_be_array = must_be_array,
        .strict = flag(r, "strict"),
        .partial = partial,
        .max_count = (size_t)r->loop->gateway->settings->max_batch,
        .tenant = r->tenant,
        .idempotency_key = request_header(r, "idempotency-key"),
        .now_ms = clock_wall_ms(),
    };
    r->loop->batch.received = 1; /* a body that cannot be read counts as one record */
    return read_text(r, &rules.format, &text, refusal) &&
           batch_read(&r->loop->batch, text, &rules, refusal);
}

static void answer_refusal(struct request *r, const struct refusal *refusal)
{
    if (strcmp(refusal->code, "validation_error") == 0)
        answer_faults(r, &r->loop->batch.faults);
    else
        answer_error(r, refusal->status, refusal->code, refusal->message);
}

const struct batch *ingest_read(struct request *r, bool must_be_array)
{
    struct gateway_meters *meters = r->loop->gateway->meters;
    struct batch *batch = &r->loop->batch;
    struct refusal refusal;
    bool good = read_batch(r, must_be_array, flag(r, "partial"), &refusal);
    meters_received(meters, batch->received);
    if (!good) {
        meters_rejected(meters, refusal.code, batch->received);
        answer_refusal(r, &refusal);
        return NULL;
    }
    meters_rejected(meters, "validation_error", batch->rejected);
    return batch;
}

bool ingest_check(struct request *r)
{
    struct refusal refusal;
    if (read_batch(r, false, false, &refusal))
        return true;
    answer_refusal(r, &refusal);
    return false;
}
