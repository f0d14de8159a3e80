/* SPDX-License-Identifier: MIT */
#include "gateway/ingest.h"

#include "common/clock.h"
#include "common/percent.h"
#include "gateway/loop.h"
#include "gateway/meters.h"

static bool flag(const struct request *r, const char *name)
{
    struct slice value = form_get(r->query, name);
    return slice_is(value, "true") || slice_is(value, "1");
}

/* To the JSON text in the body. False: `refusal` says why. */
static bool read_text(struct request *r, enum body_format *ret_format, struct slice *ret,
                      struct refusal *refusal)
{
    struct loop *l = r->loop;
    size_t max_bytes = (size_t)l->gateway->settings->max_body_bytes;
    struct slice body = {r->req->entity.base, r->req->entity.len};
    if (!body_decode(request_header(r, "content-encoding"), body, max_bytes, &l->body, &body,
                     refusal) ||
        !body_format(request_header(r, "content-type"), ret_format, refusal))
        return false;
    *ret = body;
    return *ret_format != BODY_FORM || body_form(body, &l->text, ret, refusal);
}

static bool read_batch(struct request *r, bool must_be_array, bool partial, struct refusal *refusal)
{
    struct slice text;
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
