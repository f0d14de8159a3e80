/* SPDX-License-Identifier: MIT */
/* GET /api/v1/logs/export: all logs that the filters choose, oldest first, as NDJSON or CSV.
 *
 * Read page by page, each a range of the index as for GET /logs, while the page before it is being
 * sent: what is held is two pages, however many logs there are. The first page is read before the
 * answer begins, so that a store that is away is a plain 503; one that goes away later, and does
 * not come back within some tries, breaks the connection off, and the client sees that the file is
 * not whole: HTTP/1.1's last chunk is missing. HTTP/1.0 has no chunks, and so gets no export. */
#include "common/log.h"
#include "common/mem.h"
#include "gateway/admit.h"
#include "gateway/handlers.h"
#include "gateway/log_csv.h"
#include "gateway/log_json.h"
#include "gateway/log_page.h"
#include "gateway/loop.h"
#include "gateway/param.h"
#include "gateway/stream.h"

#include <stdlib.h>

enum {
    PAGE_ROWS = 1000,
    PAGE_BYTES = 1024 * 1024, /* a page ends early when it has so many */
    TRIES = 5,                /* for a page, a second apart */
};

static const char *const formats[] = {"ndjson", "csv"};
static const char *const content_types[] = {"application/x-ndjson; charset=utf-8",
                                            "text/csv; charset=utf-8; header=present"};
static const char *const dispositions[] = {"attachment; filename=\"activity-logs.ndjson\"",
                                           "attachment; filename=\"activity-logs.csv\""};

struct export
{
    struct gateway *gateway;
    struct loop *loop;
    struct log_query q;
    struct buf tenant;
    size_t format; /* in `formats` */
    struct audit_note note;
    /* Reading: the pool's thread's while `reading`. */
    struct lookup_job lookup;
    struct loop_task task;
    bool reading, whole, early;
    enum result result;
    struct err err;
    struct buf page, json, last_id;
    bool has_after;
    struct log_position after; /* points into last_id */
    /* Answering: the loop's. */
    struct pending pending;
    struct request *request; /* while there is a stream */
    struct stream *stream;   /* NULL: not begun, or over */
    bool begun;
    int tries;                 /* of this page */
    h2o_timeout_entry_t pause; /* before another */
};

static void finish(struct export *e, bool whole)
{
    audit_send(&e->note, e->loop, !whole);
    h2o_timeout_unlink(&e->pause);
    export_slots_give(&e->gateway->exports, buf_slice(&e->tenant));
    log_query_done(&e->q);
    buf_done(&e->tenant);
    buf_done(&e->page);
    buf_done(&e->json);
    buf_done(&e->last_id);
    free(e);
}

/* --- on a thread of the pool --- */

static bool add_log(void *ctx, const bson_t *doc)
{
    struct export *e = ctx;

    if (e->page.len >= PAGE_BYTES) {
        e->early = true;
        return false;
    }
    buf_clear(&e->json);
    log_json_add(&e->json, doc);
    if (e->format == 1) {
        log_csv_add(&e->page, buf_slice(&e->json));
    } else {
        buf_add_slice(&e->page, buf_slice(&e->json));
        buf_add_char(&e->page, '\n');
    }
    return true;
}

static void go_behind(struct export *e, const struct log_page *page)
{
    struct log_position last;

    if (!log_page_last(page, &last))
        return;
    e->has_after = true;
    e->after.timestamp_ms = last.timestamp_ms;
    buf_clear(&e->last_id);
    buf_add_slice(&e->last_id, last.id);
    e->after.id = buf_slice(&e->last_id);
}

static enum result read_page(struct export *e, struct err *err)
{
    struct query_job reading = {0};
    struct log_page page = {
        .job = &reading,
        .q = &e->q,
        .after = e->has_after ? &e->after : NULL,
        .add = add_log,
        .ctx = e,
    };

    query_job_lend(&reading, e->gateway, buf_slice(&e->tenant));
    buf_clear(&e->page);
    e->early = false;
    enum result result = log_page_read(&page, err);
    if (result == OK) {
        e->whole = !e->early && page.rows <= e->q.limit;
        go_behind(e, &page);
    }
    log_page_done(&page);
    return result;
}

static void run(struct lookup_job *lookup, bool stopping)
{
    struct export *e = H2O_STRUCT_FROM_MEMBER(struct export, lookup, lookup);

    e->result = stopping ? err_set(&e->err, FATAL, "the gateway stops") : read_page(e, &e->err);
    loop_post(e->loop, &e->task);
}

/* --- on the loop --- */

static void give_up(struct export *e)
{
    struct request *r = e->begun ? NULL : pending_take(&e->pending);

    if (e->result != OK)
        log_warn("an export ends before it is whole: %s", e->err.text);
    if (r)
        answer_error(r, 503, "store_unavailable", "The document store is not available");
    if (e->stream)
        stream_break(e->stream);
    finish(e, false);
}

static void try_page(struct export *e)
{
    e->tries++;
    e->reading = lookup_submit(e->gateway->lookup, &e->lookup);
    if (!e->reading)
        give_up(e);
}

static void on_paused(h2o_timeout_entry_t *entry)
{
    try_page(H2O_STRUCT_FROM_MEMBER(struct export, pause, entry));
}

static void read_next(struct export *e)
{
    e->tries = 0;
    try_page(e);
}

static void on_ready(void *ctx)
{
    struct export *e = ctx;

    if (!e->reading && !h2o_timeout_is_linked(&e->pause))
        read_next(e);
}

static void on_gone(void *ctx)
{
    struct export *e = ctx;

    e->stream = NULL;
    if (!e->reading)
        finish(e, false);
}

/* False: the client has left meanwhile. */
static bool begin(struct export *e)
{
    struct stream_events events = {.ready = on_ready, .gone = on_gone, .ctx = e};

    e->begun = true;
    e->request = pending_take(&e->pending);
    if (!e->request)
        return false;
    answer_header(e->request, "content-disposition", slice_of(dispositions[e->format]));
    answer_header(e->request, "cache-control", slice_of("no-store"));
    e->stream = stream_begin(e->request, content_types[e->format], &events);
    if (e->format == 1) {
        buf_clear(&e->json);
        log_csv_head(&e->json);
        stream_write(e->stream, buf_slice(&e->json));
    }
    return true;
}

static void send_page(struct export *e)
{
    stream_write(e->stream, buf_slice(&e->page));
    if (e->whole) {
        stream_end(e->stream);
        finish(e, true);
    } else if (stream_waiting(e->stream) <= (size_t)2 * PAGE_BYTES) {
        read_next(e);
    }
}

/* An answer that has not begun can still be a 503: no need to try again. */
static void on_page(struct loop_task *task)
{
    struct export *e = H2O_STRUCT_FROM_MEMBER(struct export, task, task);

    e->reading = false;
    if (e->result == RETRY && e->stream && e->tries < TRIES)
        h2o_timeout_link(e->loop->evloop, &e->loop->context.one_sec_timeout, &e->pause);
    else if (e->result != OK || !(e->begun || begin(e)) || !e->stream || !admit_still(e->request))
        give_up(e);
    else
        send_page(e);
}

static bool read_query(struct export *e, const struct request *r, struct faults *faults)
{
    struct param format = {.name = "format"};
    AUTO_BUF arena = {0};

    params_read(&format, 1, r->query, &arena);
    enum result result = selection_read(&e->q.s, r->query, faults);
    e->format = param_choice(&format, formats, sizeof formats / sizeof formats[0], 0, faults);
    e->q.oldest_first = true;
    e->q.page = 1;
    e->q.limit = PAGE_ROWS;
    return result == OK && faults->count == 0;
}

static void start(struct export *e, struct request *r)
{
    struct audit_event event = {.action = "logs.export",
                                .resource_type = "logs",
                                .resource_id = slice_of(formats[e->format])};

    audit_prepare(&e->note, r, &event);
    e->loop = r->loop;
    e->lookup.run = run;
    e->task.run = on_page;
    e->pause.cb = on_paused;
    buf_add_slice(&e->tenant, r->tenant);
    pending_arm(&e->pending, r);
    read_next(e);
}

static bool has_chunks(struct request *r)
{
    if (r->req->version >= 0x101)
        return true;
    answer_header(r, "upgrade", slice_of("HTTP/1.1"));
    answer_error(r, 426, "upgrade_required",
                 "An export needs HTTP/1.1: over HTTP/1.0 one that breaks off looks whole");
    return false;
}

void get_export(struct request *r)
{
    if (!has_chunks(r))
        return;
    struct gateway *g = loop_gateway(r->loop);
    struct export *e = mem_zalloc(sizeof *e);
    struct faults faults = {0};

    e->gateway = g;
    bool good = read_query(e, r, &faults);
    bool head = slice_is(slice_make(r->req->method.base, r->req->method.len), "HEAD");
    if (good && !head && export_slots_take(&g->exports, r->tenant)) {
        start(e, r);
    } else {
        if (!good) {
            answer_faults(r, &faults);
        } else if (head) {
            answer_bytes(r, 200, content_types[e->format], slice_of(""));
        } else {
            answer_error(r, 503, "rate_limited", "Too many exports are under way");
        }
        log_query_done(&e->q);
        free(e);
    }
    faults_done(&faults);
}
