/* SPDX-License-Identifier: MIT */
/* POST /v1/logs: OpenTelemetry's exporters and collectors send their logs here, as OTLP/HTTP with
 * JSON. */
#include "common/clock.h"
#include "gateway/answers.h"
#include "gateway/flight.h"
#include "gateway/handlers.h"
#include "gateway/ingest.h"
#include "gateway/loop.h"
#include "gateway/meters.h"
#include "schemas/otlp.h"

enum { RECORDS_MAX = 20000 }; /* a collector's batch is 8,192 */

static bool starts_with(struct slice text, const char *start)
{
    size_t len = strlen(start);

    return text.len >= len && strncasecmp(text.data, start, len) == 0;
}

static bool check_type(struct slice type, struct refusal *refusal)
{
    enum body_format format;

    if (starts_with(type, "application/x-protobuf") || starts_with(type, "application/protobuf"))
        return refuse(refusal, 415, "unsupported_media_type",
                      "OTLP is read as JSON here, not as protobuf: set "
                      "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json, or encoding: json for a "
                      "collector's otlphttp exporter");
    if (!body_format(type, &format, refusal))
        return false;
    if (format != BODY_JSON)
        return refuse(refusal, 415, "unsupported_media_type",
                      "Unsupported Media Type: send application/json");
    return true;
}

/* To our own records, one a line, in the loop's text. */
static bool read_records(struct request *r, struct refusal *refusal)
{
    struct loop *l = r->loop;
    struct slice body = {r->req->entity.base, r->req->entity.len};
    struct faults *faults = &l->batch.faults;
    struct err err;

    buf_clear(&l->text);
    faults_clear(faults);
    if (!body_decode(request_header(r, "content-encoding"), body,
                     (size_t)l->gateway->settings->max_body_bytes, &l->body, &body, refusal) ||
        !check_type(request_header(r, "content-type"), refusal))
        return false;
    if (json_check(body, OTLP_MAX_DEPTH, &err) != OK)
        return refuse(refusal, 400, "malformed_json", "Malformed JSON: %.200s", err.text);
    if (otlp_to_records(json_root(body), &l->text, faults) != OK)
        return refuse(refusal, 400, "validation_error", "Validation Error");
    return true;
}

/* Nothing goes: for a fault of the request as a whole, or since every record is bad. */
static void answer_refused(struct request *r, const struct batch *batch,
                           const struct refusal *refusal)
{
    struct slice first = slice_of(refusal->message), field = slice_of("");

    if (batch->faults.count > 0) {
        first = fault_message(&batch->faults, 0);
        field = fault_field(&batch->faults, batch->faults.count - 1);
    }
    if (batch->received > RECORDS_MAX) {
        answer_error(r, 413, "payload_too_large",
                     "Payload Too Large: more than 20000 log records, send fewer at once");
    } else if (slice_is(field, "Idempotency-Key")) {
        answer_faults(r, &batch->faults);
    } else {
        answer_otlp(r, batch->received, first);
    }
}

/* Bad records are told of in the answer, and never stop the good ones. False: answered. */
static bool read_batch(struct request *r)
{
    struct batch *batch = &r->loop->batch;
    struct refusal refusal;
    struct batch_rules rules = {
        .format = BODY_NDJSON,
        .partial = true,
        .max_count = RECORDS_MAX,
        .tenant = r->tenant,
        .idempotency_key = request_header(r, "idempotency-key"),
        .now_ms = clock_wall_ms(),
    };

    if (batch_read(batch, buf_slice(&r->loop->text), &rules, &refusal))
        return true;
    meters_received(r->loop->gateway->meters, batch->received);
    meters_rejected(r->loop->gateway->meters, refusal.code, batch->received);
    answer_refused(r, batch, &refusal);
    return false;
}

void post_otlp(struct request *r)
{
    struct gateway_meters *meters = r->loop->gateway->meters;
    struct batch *batch = &r->loop->batch;
    struct refusal refusal = {0};

    if (!read_records(r, &refusal)) {
        meters_received(meters, 1);
        meters_rejected(meters, refusal.code, 1);
        if (batch->faults.count > 0)
            answer_faults(r, &batch->faults);
        else
            answer_error(r, refusal.status, refusal.code, refusal.message);
        return;
    }
    if (r->loop->text.len == 0) {
        answer_otlp(r, 0, slice_of(""));
        return;
    }
    if (!read_batch(r))
        return;
    meters_received(meters, batch->received);
    meters_rejected(meters, "validation_error", batch->rejected);
    batch->otlp = true;
    flight_begin(r, batch, ACKNOWLEDGED);
}
