/* SPDX-License-Identifier: MIT */
#include "gateway/log_page.h"

#include "gateway/log_filter.h"
#include "gateway/store.h"
#include "schemas/bson_member.h"

static int64_t time_of(const bson_iter_t *timestamp)
{
    return BSON_ITER_HOLDS_DATE_TIME(timestamp) ? bson_iter_date_time(timestamp)
                                                : bson_iter_as_int64(timestamp);
}

static void note_position(struct log_page *page, const bson_t *doc)
{
    struct slice id = bson_text_of(doc, "_id");
    bson_iter_t timestamp;

    buf_clear(&page->_last_id);
    if (!id.data || !bson_iter_init_find(&timestamp, doc, "timestamp"))
        return;
    buf_add_slice(&page->_last_id, id);
    page->_last_ms = time_of(&timestamp);
}

static void note_next(struct log_page *page, const bson_t *doc)
{
    bson_iter_t timestamp;

    page->_next_ms = page->_last_ms;
    if (bson_iter_init_find(&timestamp, doc, "timestamp"))
        page->_next_ms = time_of(&timestamp);
}

static bool add_row(void *ctx, const bson_t *doc)
{
    struct log_page *page = ctx;

    if (++page->rows > page->q->limit) {
        note_next(page, doc);
        if (page->peek)
            page->peek(page->ctx, doc);
        return false;
    }
    if (page->add(page->ctx, doc))
        note_position(page, doc);
    else
        page->_ended = true;
    return !page->_ended;
}

static enum result read_span(struct log_page *page, const struct log_span *span, int64_t skip,
                             struct err *err)
{
    bson_t filter = BSON_INITIALIZER, hint = BSON_INITIALIZER, sort = BSON_INITIALIZER,
           fields = BSON_INITIALIZER;
    struct store_query query = {.collection = "logs",
                                .filter = &filter,
                                .fields = &fields,
                                .hint = &hint,
                                .sort = &sort,
                                .skip = skip,
                                .limit = page->q->limit + 1 - page->rows};
    struct store_rows rows = {add_row, page};
    enum result result = query_job_limit(page->job, &query.limit_ms, err);

    if (result == OK) {
        log_filter_match(&filter, page->q, page->job->tenant, span);
        log_filter_hint(&hint, &page->q->s);
        log_filter_sort(&sort, page->q);
        log_filter_projection(&fields, page->q);
        result = store_read(page->job->gateway->store, &query, &rows, err);
    }
    bson_destroy(&fields);
    bson_destroy(&sort);
    bson_destroy(&hint);
    bson_destroy(&filter);
    return result;
}

void log_page_ask(struct log_page *page, const struct log_query *q, const struct request *r,
                  struct faults *faults)
{
    page->q = q;
    page_url_keep(&page->_url, r->path, r->query);
    if (!q->cursor.data)
        return;
    if (cursor_read(q->cursor, q, r->tenant, &page->_cursor, &page->_after))
        page->after = &page->_after;
    else
        faults_add(faults, slice_of("cursor"), "\"cursor\" is not valid");
}

enum result log_page_read(struct log_page *page, struct err *err)
{
    struct log_span spans[LOG_SPANS_MAX];
    size_t count = log_filter_spans(page->q, page->after, spans);
    int64_t skip = page->after ? 0 : (page->q->page - 1) * page->q->limit;
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK && !page->_ended; i++)
        if (page->rows <= page->q->limit)
            result = read_span(page, &spans[i], skip, err);
    return result;
}

void log_page_done(struct log_page *page)
{
    buf_done(&page->_last_id);
    page_url_done(&page->_url);
    buf_done(&page->_cursor);
}

bool log_page_last(const struct log_page *page, struct log_position *ret)
{
    *ret = (struct log_position){page->_last_ms, buf_slice(&page->_last_id)};
    return ret->id.len > 0;
}

bool log_page_fits(const struct log_page *page, struct faults *faults)
{
    long long fitting = page->rows > 1 ? page->rows - 1 : 1;

    if (page->_ended)
        faults_add(faults, slice_of("limit"), "\"limit\" must be less than or equal to %lld",
                   fitting);
    return !page->_ended;
}

void log_page_add_next(const struct log_page *page, struct buf *body, struct buf *link)
{
    struct log_position last;
    AUTO_BUF cursor = {0};

    if (!log_page_last(page, &last) || page->rows <= page->q->limit)
        return;
    if (page->_next_ms != last.timestamp_ms) /* saves the next page a question to the store */
        last.id = slice_make("", 0);
    cursor_write(&cursor, page->q, page->job->tenant, &last);
    page_url_add_next(&page->_url, buf_slice(&cursor), body, link);
}
