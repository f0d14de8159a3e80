/* SPDX-License-Identifier: MIT */
#include "gateway/flight.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "gateway/accepted_ids.h"
#include "gateway/answers.h"
#include "gateway/meters.h"
#include "schemas/cloudevent.h"

#include <stdlib.h>

struct flight {
    struct pending pending;
    h2o_timeout_entry_t timeout;
    struct loop *loop;
    size_t records, unreported;
    bool waiting; /* an answer depends on it */
    bool failed, counted;
    int64_t began_us;
    struct flight *next_spare;
    /* For the answer; in the request's pool, so only while it lives. */
    bool many, partial, otlp;
    struct slice *ids;
    size_t rejected;
    struct slice results, first_fault;
};

static void on_timeout(h2o_timeout_entry_t *entry);
static void on_cancel(struct pending *p);

static struct flight *flight_new(struct loop *l)
{
    struct flight *f = l->spare_flights;
    if (f)
        l->spare_flights = f->next_spare;
    else
        f = mem_alloc(sizeof *f);
    *f = (struct flight){.loop = l, .timeout.cb = on_timeout, .began_us = clock_mono_us()};
    return f;
}

static void flight_end(struct flight *f)
{
    f->next_spare = f->loop->spare_flights;
    f->loop->spare_flights = f;
}

void flights_free(struct loop *l)
{
    while (l->spare_flights) {
        struct flight *f = l->spare_flights;
        l->spare_flights = f->next_spare;
        free(f);
    }
}

/* What became of the records, once. */
static void count(struct flight *f, const char *failure)
{
    struct gateway_meters *meters = f->loop->gateway->meters;
    if (f->counted)
        return;
    f->counted = true;
    if (failure)
        meters_failed(meters, failure, f->records);
    else
        meters_accepted(meters, f->records);
}

static struct slice pool_copy(struct request *r, struct slice s)
{
    char *copy = h2o_mem_alloc_pool(&r->req->pool, s.len);
    memcpy(copy, s.data, s.len);
    return slice_make(copy, s.len);
}

static void keep_for_answer(struct flight *f, struct request *r, const struct batch *batch)
{
    f->records = batch->count;
    f->many = batch->many;
    f->partial = batch->partial;
    f->otlp = batch->otlp;
    f->ids = h2o_mem_alloc_pool(&r->req->pool, batch->count * sizeof f->ids[0]);
    for (size_t i = 0; i < batch->count; i++)
        f->ids[i] = pool_copy(r, batch_id(batch, i));
    f->rejected = batch->rejected;
    if (batch->rejected > 0)
        f->results = pool_copy(r, buf_slice(&batch->results));
    if (batch->otlp)
        f->first_fault = pool_copy(r, buf_slice(&batch->first_fault));
}

static void answer_accepted(struct flight *f, struct request *r, bool queued)
{
    struct buf *out = &f->loop->text;
    buf_clear(out);
    if (f->otlp) {
        answer_otlp(r, f->rejected, f->first_fault);
        return;
    }
    buf_add_text(out, "{\"success\":true");
    answer_add_ids(out, f->ids, f->records, f->many);
    if (f->many) {
        buf_add_text(out, ",\"count\":");
        buf_add_u64(out, f->records);
    }
    if (f->partial) {
        buf_add_text(out, ",\"accepted\":");
        buf_add_u64(out, f->records);
        buf_add_text(out, ",\"rejected\":");
        buf_add_u64(out, f->rejected);
        buf_add_text(out, ",\"results\":[");
        buf_add_slice(out, f->results);
        buf_add_char(out, ']');
    }
    if (queued)
        buf_add_text(out, ",\"durability\":\"queued\"");
    buf_add_text(out, f->many ? ",\"message\":\"Logs accepted for processing\"}"
                              : ",\"message\":\"Log accepted for processing\"}");
    answer_json(r, 202, buf_slice(out));
}

static void answer_503(struct flight *f, struct request *r, const char *message)
{
    answer_unavailable(r, message, f->ids, f->records, f->many);
}

/* All reports are in. */
static void land(struct flight *f)
{
    count(f, f->failed ? "kafka_unavailable" : NULL);
    if (!f->failed)
        meters_ack(f->loop->gateway->meters, (double)(clock_mono_us() - f->began_us) / 1000000.0);
    struct request *r = f->waiting ? pending_take(&f->pending) : NULL;
    h2o_timeout_unlink(&f->timeout);
    if (r && f->failed) {
        answer_503(f, r, "Kafka did not take the records");
    } else if (r) {
        accepted_ids_add(f->loop->gateway->accepted, r->tenant, f->ids, f->records,
                         clock_mono_ms());
        answer_accepted(f, r, false);
    }
    flight_end(f);
}

void flight_reported(void *flight, const char *error)
{
    struct flight *f = flight;
    if (!f) { /* a record of our own, audit.h, that no answer waits for */
        if (error)
            log_warn("the record of an administrator's act may be lost: %s", error);
        return;
    }
    if (error)
        f->failed = true;
    if (--f->unreported == 0)
        land(f);
}

static void give_up(struct flight *f, const char *message)
{
    struct request *r = pending_take(&f->pending);
    f->waiting = false;
    h2o_timeout_unlink(&f->timeout);
    count(f, "timeout");
    if (r)
        answer_503(f, r, message);
}

static void on_timeout(h2o_timeout_entry_t *entry)
{
    give_up(H2O_STRUCT_FROM_MEMBER(struct flight, timeout, entry),
            "Kafka did not acknowledge in time");
}

static void on_cancel(struct pending *p)
{
    give_up(H2O_STRUCT_FROM_MEMBER(struct flight, pending, p), "The gateway is shutting down");
}

static enum result send_all(struct flight *f, const struct request *r, const struct batch *batch,
                            struct err *err)
{
    struct slice trace = request_header(r, "traceparent");
    struct producer_header headers[5] = {
        {"als.id", {NULL, 0}},
        {"als.tenant", r->tenant},
        {"als.source", slice_of("http")},
    };
    struct producer_record record = {.headers = headers, .header_count = 3};
    if (traceparent_valid(trace))
        headers[record.header_count++] = (struct producer_header){"traceparent", trace};
    if (batch->cloudevents)
        headers[record.header_count++] =
            (struct producer_header){"content-type", slice_of(CLOUDEVENT_TYPE)};
    for (size_t i = 0; i < batch->count; i++) {
        headers[0].value = batch_id(batch, i);
        record.key = batch_key(batch, i);
        record.value = batch->items[i].json;
        enum result result = producer_send(f->loop->producer, &record, f, err);
        if (result != OK)
            return result;
        f->unreported++;
    }
    return OK;
}

/* Some of its records may be on their way: then their reports end the flight. */
static void refuse_flight(struct flight *f, struct request *r, bool queue_full)
{
    f->failed = true;
    count(f, queue_full ? "queue_full" : "kafka_unavailable");
    answer_503(f, r, queue_full ? "Too much is waiting for Kafka" : "Kafka does not take records");
    if (f->unreported == 0)
        flight_end(f);
}

void flight_begin(struct request *r, const struct batch *batch, enum durability durability)
{
    struct loop *l = r->loop;
    struct flight *f = flight_new(l);
    struct err err;
    keep_for_answer(f, r, batch);
    enum result sent = send_all(f, r, batch, &err);
    if (sent != OK) {
        refuse_flight(f, r, sent == RETRY);
    } else if (durability == QUEUED) {
        answer_accepted(f, r, true);
    } else {
        f->waiting = true;
        f->pending.cancel = on_cancel;
        pending_arm(&f->pending, r);
        h2o_timeout_link(l->evloop, &l->ack_timeout, &f->timeout);
    }
}
