/* SPDX-License-Identifier: MIT */
#include "gateway/rule_sweep.h"

#include "gateway/rule_store.h"
#include "rules/mask.h"
#include "rules/reject.h"

enum { SLICE = 1000, CHUNK = 500, REJECTS = 200 };

static const char LOGS[] = "logs", REJECTED[] = "rejects";

/* --- what is to be changed --- */

struct found {
    bson_t ids;
    struct store *store;
    const struct rule_target *target;
    uint32_t count;
    enum result result; /* of the writes while reading, those of masks */
    struct err *err;
};

static void add_id(struct found *f, const bson_t *doc)
{
    bson_iter_t it;
    char text[16];
    const char *key;
    size_t len = bson_uint32_to_string(f->count, &key, text, sizeof text);

    if (bson_iter_init_find(&it, doc, "_id") && bson_append_iter(&f->ids, key, (int)len, &it))
        f->count++;
}

/* {$set: all but its _id} */
static enum result write_masked(struct found *f, const bson_t *doc)
{
    bson_t *masked = mask_document(doc, f->target->erasure.salt);
    bson_t filter = BSON_INITIALIZER, change = BSON_INITIALIZER, set;
    const struct store_write write = {.collection = LOGS,
                                      .verb = STORE_UPDATE,
                                      .filter = &filter,
                                      .change = &change,
                                      .limit_ms = RULE_OPERATION_MS};
    bson_iter_t it;
    enum result result;

    if (bson_iter_init_find(&it, doc, "_id"))
        bson_append_iter(&filter, NULL, 0, &it);
    BSON_APPEND_DOCUMENT_BEGIN(&change, "$set", &set);
    bson_copy_to_excluding_noinit(masked, &set, "_id", NULL);
    bson_append_document_end(&change, &set);
    result = store_write(f->store, &write, NULL, f->err);
    bson_destroy(masked);
    bson_destroy(&filter);
    bson_destroy(&change);
    return result;
}

static bool add_found(void *ctx, const bson_t *doc)
{
    struct found *f = ctx;

    add_id(f, doc);
    if (f->target->kind == RULE_ERASURE && f->target->erasure.mode == ERASE_ANONYMIZE)
        f->result = write_masked(f, doc);
    return f->result == OK;
}

static enum result change_ids(struct found *f, const char *collection, bool keep, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, stages = BSON_INITIALIZER, in;
    const struct store_write write = {.collection = collection,
                                      .verb = keep ? STORE_UPDATE : STORE_DELETE,
                                      .filter = &filter,
                                      .change = &stages,
                                      .stages = keep,
                                      .many = true,
                                      .limit_ms = RULE_OPERATION_MS};
    enum result result;

    BSON_APPEND_DOCUMENT_BEGIN(&filter, "_id", &in);
    BSON_APPEND_ARRAY(&in, "$in", &f->ids);
    bson_append_document_end(&filter, &in);
    if (keep)
        rule_target_keep(f->target, &stages);
    result = store_write(f->store, &write, NULL, err);
    bson_destroy(&filter);
    bson_destroy(&stages);
    return result;
}

static enum result act(struct found *f, struct err *err)
{
    const struct rule_target *t = f->target;

    if (f->result != OK)
        return f->result;
    if (f->count == 0 || (t->kind == RULE_ERASURE && t->erasure.mode == ERASE_ANONYMIZE))
        return OK;
    return change_ids(f, LOGS, t->kind == RULE_RETENTION, err);
}

/* --- the logs of a slice --- */

static void append_index(bson_t *out, const char *field)
{
    BSON_APPEND_INT32(out, "tenant", 1);
    if (field)
        BSON_APPEND_INT32(out, field, 1);
    BSON_APPEND_INT32(out, "timestamp", -1);
    BSON_APPEND_INT32(out, "_id", -1);
}

/* Changes at most CHUNK of the span; *ret_all: no more are left there. */
static enum result change_some(struct store *s, const struct rule_target *t, struct rule_span span,
                               struct rule_progress *p, bool *ret_all, struct err *err)
{
    bool of_user = t->kind == RULE_ERASURE && !p->user_done;
    struct found found = {.store = s, .target = t, .ids = BSON_INITIALIZER, .err = err};
    bson_t filter = BSON_INITIALIZER, hint = BSON_INITIALIZER;
    const struct store_query query = {.collection = LOGS,
                                      .filter = &filter,
                                      .limit = CHUNK,
                                      .hint = &hint,
                                      .limit_ms = RULE_OPERATION_MS};
    const struct store_rows rows = {add_found, &found};
    enum result result;

    rule_target_filter(t, span, of_user, &filter);
    append_index(&hint, of_user ? "userId" : NULL);
    result = store_read(s, &query, &rows, err);
    if (result == OK)
        result = act(&found, err);
    if (result == OK)
        p->changed += found.count;
    *ret_all = found.count < CHUNK;
    bson_destroy(&filter);
    bson_destroy(&hint);
    bson_destroy(&found.ids);
    return result;
}

static bool note_timestamp(void *ctx, const bson_t *doc)
{
    *(int64_t *)ctx = rule_document_number(doc, "timestamp");
    return false;
}

/* Where the slice below `span.to_ms` begins; span.from_ms when fewer than SLICE are left. */
static enum result find_slice(struct store *s, const struct rule_target *t, struct rule_span span,
                              int64_t *ret_from_ms, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, order = BSON_INITIALIZER, hint = BSON_INITIALIZER, range;
    const struct store_query query = {.collection = LOGS,
                                      .filter = &filter,
                                      .sort = &order,
                                      .hint = &hint,
                                      .skip = SLICE - 1,
                                      .limit = 1,
                                      .limit_ms = RULE_OPERATION_MS};
    const struct store_rows rows = {note_timestamp, ret_from_ms};
    enum result result;

    bson_append_utf8(&filter, "tenant", -1, t->tenant.data, (int)t->tenant.len);
    if (span.from_ms != INT64_MIN || span.to_ms != INT64_MAX) {
        BSON_APPEND_DOCUMENT_BEGIN(&filter, "timestamp", &range);
        if (span.from_ms != INT64_MIN)
            BSON_APPEND_DATE_TIME(&range, "$gte", span.from_ms);
        if (span.to_ms != INT64_MAX)
            BSON_APPEND_DATE_TIME(&range, "$lte", span.to_ms);
        bson_append_document_end(&filter, &range);
    }
    BSON_APPEND_INT32(&order, "timestamp", -1);
    BSON_APPEND_INT32(&order, "_id", -1);
    append_index(&hint, NULL);
    *ret_from_ms = span.from_ms;
    result = store_read(s, &query, &rows, err);
    bson_destroy(&filter);
    bson_destroy(&order);
    bson_destroy(&hint);
    return result;
}

static enum result sweep_slice(struct store *s, const struct rule_target *t,
                               struct rule_progress *p, bool *ret_done, struct err *err)
{
    struct rule_span span = rule_target_span(t);
    int64_t first = span.from_ms, from_ms;
    bool all = false;
    enum result result;

    if (p->to_ms < span.to_ms)
        span.to_ms = p->to_ms;
    if (span.from_ms > span.to_ms) {
        *ret_done = true;
        return OK;
    }
    result = find_slice(s, t, span, &from_ms, err);
    span.from_ms = from_ms;
    if (result == OK)
        result = change_some(s, t, span, p, &all, err);
    if (result != OK || !all)
        return result;
    p->scanned += SLICE;
    *ret_done = from_ms == first;
    p->to_ms = from_ms == first ? from_ms : from_ms - 1;
    return OK;
}

enum result rule_sweep(struct store *s, const struct rule_target *t, struct rule_progress *p,
                       bool *ret_done, struct err *err)
{
    static const struct rule_span always = {INT64_MIN, INT64_MAX};

    *ret_done = false;
    if (t->kind == RULE_ERASURE && !p->user_done)
        return change_some(s, t, always, p, &p->user_done, err);
    return sweep_slice(s, t, p, ret_done, err);
}

/* --- counting --- */

static bool note_count(void *ctx, const bson_t *doc)
{
    *(int64_t *)ctx = rule_document_number(doc, "n");
    return false;
}

enum result rule_count(struct store *s, const struct rule_target *t, int64_t limit_ms,
                       int64_t *ret_count, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, stages = BSON_INITIALIZER, stage, count;
    const struct store_query query = {
        .collection = LOGS, .pipeline = &stages, .limit_ms = limit_ms};
    const struct store_rows rows = {note_count, ret_count};
    enum result result;

    *ret_count = 0;
    rule_target_filter(t, rule_target_span(t), false, &filter);
    BSON_APPEND_DOCUMENT_BEGIN(&stages, "0", &stage);
    BSON_APPEND_DOCUMENT(&stage, "$match", &filter);
    bson_append_document_end(&stages, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(&stages, "1", &count);
    BSON_APPEND_UTF8(&count, "$count", "n");
    bson_append_document_end(&stages, &count);
    result = store_read(s, &query, &rows, err);
    bson_destroy(&filter);
    bson_destroy(&stages);
    return result;
}

/* --- refused records --- */

struct rejects_page {
    struct found found;
    const struct erasures *erasures; /* the one */
    int64_t last_ms;
    size_t count;
};

static bool look_at_reject(void *ctx, const bson_t *doc)
{
    struct rejects_page *page = ctx;

    page->count++;
    page->last_ms = rule_document_number(doc, "at");
    if (reject_is_erased(doc, page->erasures))
        add_id(&page->found, doc);
    return true;
}

static enum result read_rejects(struct store *s, const struct rule_target *t, int64_t at_ms,
                                struct rejects_page *page, struct err *err)
{
    bson_t filter = BSON_INITIALIZER, order = BSON_INITIALIZER, before;
    const struct store_query query = {.collection = REJECTED,
                                      .filter = &filter,
                                      .sort = &order,
                                      .limit = REJECTS,
                                      .limit_ms = RULE_OPERATION_MS};
    const struct store_rows rows = {look_at_reject, page};
    enum result result;

    bson_append_utf8(&filter, "tenant", -1, t->tenant.data, (int)t->tenant.len);
    if (at_ms != INT64_MAX) {
        BSON_APPEND_DOCUMENT_BEGIN(&filter, "at", &before);
        BSON_APPEND_DATE_TIME(&before, "$lte", at_ms);
        bson_append_document_end(&filter, &before);
    }
    BSON_APPEND_INT32(&order, "at", -1);
    BSON_APPEND_INT32(&order, "_id", -1);
    result = store_read(s, &query, &rows, err);
    bson_destroy(&filter);
    bson_destroy(&order);
    return result;
}

enum result rule_sweep_rejects(struct store *s, const struct rule_target *t, int64_t *at_ms,
                               int64_t *changed, bool *ret_done, struct err *err)
{
    AUTO(erasures) one = erasures_new();
    struct rejects_page page = {.found = {.store = s, .target = t, .ids = BSON_INITIALIZER},
                                .erasures = one};

    erasures_add(one, &t->erasure);
    enum result result = read_rejects(s, t, *at_ms, &page, err);

    if (result == OK && page.found.count > 0)
        result = change_ids(&page.found, REJECTED, false, err);
    if (result == OK) {
        *changed += page.found.count;
        *ret_done = page.count < REJECTS;
        /* A page within one millisecond, with none to delete in it, would come again for ever. */
        *at_ms = page.last_ms == *at_ms && page.found.count == 0 ? page.last_ms - 1 : page.last_ms;
    }
    bson_destroy(&page.found.ids);
    return result;
}
