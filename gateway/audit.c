/* SPDX-License-Identifier: MIT */
#include "gateway/audit.h"

#include "common/clock.h"
#include "common/ident.h"
#include "common/log.h"
#include "gateway/audit_reads.h"
#include "gateway/loop.h"

static const char service[] = "activity-log";

static void add_member(struct buf *out, const char *name, struct slice text)
{
    if (!text.data)
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_add_json_any(out, text);
}

/* All but the outcome. */
static void write_record(const struct request *r, const struct audit_event *event,
                         struct audit_note *note)
{
    struct buf *out = &note->json;
    struct slice actor = r->key_id.data ? r->key_id : slice_of("anonymous");

    buf_printf(out, "{\"service\":\"%s\",\"action\":\"%s\"", service, event->action);
    buf_printf(out, ",\"actor\":{\"type\":\"%s\",\"id\":", r->key_id.data ? "key" : "user");
    buf_add_json_any(out, actor);
    buf_printf(out, "},\"resource\":{\"type\":\"%s\"", event->resource_type);
    add_member(out, "id", event->resource_id);
    buf_add_char(out, '}');
    note->what_len = out->len;
    add_member(out, "userAgent", request_header(r, "user-agent"));
    add_member(out, "requestId", r->id);
    if (event->metadata.data) {
        buf_add_text(out, ",\"metadata\":");
        buf_add_slice(out, event->metadata);
    }
}

void audit_prepare(struct audit_note *note, const struct request *r,
                   const struct audit_event *event)
{
    *note = (struct audit_note){.action = event->action, .read = event->read};
    buf_add_slice(&note->tenant, r->tenant);
    write_record(r, event, note);
}

static void produce(struct audit_note *note, struct loop *loop, bool failed)
{
    char id[UUID_LEN];
    struct err err;

    uuid_v7(clock_wall_ms(), id);
    buf_printf(&note->json, ",\"outcome\":\"%s\"}", failed ? "failure" : "success");
    struct producer_header headers[] = {
        {"als.id", slice_make(id, sizeof id)},
        {"als.tenant", buf_slice(&note->tenant)},
        {"als.source", slice_of("http")},
    };
    struct producer_record record = {
        .key = slice_of(service),
        .value = buf_slice(&note->json),
        .headers = headers,
        .header_count = sizeof headers / sizeof headers[0],
    };
    if (producer_send(loop->producer, &record, NULL, &err) != OK)
        log_warn("the record of %s is not written: %s", note->action, err.text);
    audit_note_done(note);
}

void audit_send(struct audit_note *note, struct loop *loop, bool failed)
{
    if (!note->read || !audit_reads_take(loop->audit_reads, note, failed, clock_mono_ms()))
        produce(note, loop, failed);
}

void audit_flush(struct loop *loop, bool all)
{
    struct audit_note note;
    bool failed;

    while (audit_reads_due(loop->audit_reads, clock_mono_ms(), all, &note, &failed))
        produce(&note, loop, failed);
}

void audit_note_done(struct audit_note *note)
{
    buf_done(&note->json);
    buf_done(&note->tenant);
    note->action = NULL;
}

void audit_write(struct request *r, const struct audit_event *event)
{
    struct audit_note note;

    audit_prepare(&note, r, event);
    audit_send(&note, r->loop, event->failed);
}
