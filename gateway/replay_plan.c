/* SPDX-License-Identifier: MIT */
#include "gateway/replay_plan.h"

#include "common/ident.h"
#include "common/iso8601.h"
#include "schemas/enriched.h"

#include <stdio.h>
#include <stdlib.h>

enum { PLACE_MAX = 96, JSON_DEPTH = 64 };

void replay_plan_done(struct replay_plan *p)
{
    buf_done(&p->log_id);
    buf_done(&p->stored_id);
    buf_done(&p->value);
    buf_done(&p->key);
}

static void settle_id(struct replay_plan *p, const struct reject_facts *reject, struct slice id)
{
    char made[UUID_LEN];

    if (!id_valid(id)) {
        uuid_v8(hash128_pair(slice_of("replay"), reject->id), made);
        id = slice_make(made, sizeof made);
    }
    buf_add_slice(&p->log_id, id);
    enriched_add_id(&p->stored_id, reject->tenant, id);
}

static bool is_conflict(const struct reject_facts *reject)
{
    return slice_is(reject->reason, "id_conflict");
}

static struct slice first_of(struct slice a, struct slice b)
{
    return a.data ? a : b;
}

static enum result read(struct record *r, struct slice json, enum record_origin origin,
                        struct faults *faults)
{
    const struct record_rules rules = {origin, false, -1};
    size_t before = faults->count;
    struct err why;
    enum result result = record_parse(r, json, &rules, faults, &why);

    if (result != OK && faults->count == before)
        faults_add(faults, slice_of(""), "%s", why.text);
    return result;
}

/* --- refused by the processor: into the raw topic --- */

/* A JSON object with one more member. */
static void add_timed(struct buf *out, struct slice json, int64_t ms)
{
    const char *end = memrchr(json.data, '}', json.len);
    char time[ISO8601_LEN];

    iso8601_format(ms, time);
    buf_add(out, json.data, (size_t)(end - json.data));
    buf_printf(out, ",\"timestamp\":\"%.*s\"}", ISO8601_LEN, time);
}

static enum result plan_raw(struct replay_plan *p, const struct reject_facts *reject,
                            struct slice mended, struct record *r, struct faults *faults)
{
    enum record_origin origin = mended.data || reject->http ? RECORD_HTTP : RECORD_KAFKA;
    bool is_record = mended.data || !reject->cloudevent;
    struct slice id = {NULL, 0};

    if (is_record) {
        if (read(r, mended.data ? mended : reject->value, origin, faults) != OK)
            return REJECT;
        id = r->id;
    }
    if (is_record && !r->has_timestamp)
        add_timed(&p->value, mended.data ? mended : reject->value, reject->received_ms);
    else if (mended.data)
        buf_add_slice(&p->value, mended);
    if (mended.data) {
        buf_add_slice(&p->key, r->user_id.data ? r->user_id : r->service);
    } else {
        id = first_of(reject->came_with_id, id); /* the header counts */
    }
    if (is_conflict(reject) && !(mended.data && id.data))
        id = (struct slice){NULL, 0};
    else if (!id.data)
        id = reject->came_with_id;
    settle_id(p, reject, id);
    return OK;
}

/* --- refused by the indexer: into the store --- */

/* Whatever the statistics say of the original must be true of what is stored in its place. */
static void compare(const struct record *mended, const struct record *counted,
                    struct faults *faults)
{
    static const char must[] = "must be as it was counted";

    if (!slice_eq(mended->service, counted->service))
        faults_add(faults, slice_of("service"), "\"service\" %s", must);
    if (!slice_eq(mended->action, counted->action))
        faults_add(faults, slice_of("action"), "\"action\" %s", must);
    if (mended->severity != counted->severity)
        faults_add(faults, slice_of("severity"), "\"severity\" %s", must);
    if (mended->has_timestamp && mended->timestamp_ms != counted->timestamp_ms)
        faults_add(faults, slice_of("timestamp"), "\"timestamp\" %s", must);
    if (mended->outcome != counted->outcome)
        faults_add(faults, slice_of("outcome"), "\"outcome\" %s", must);
}

static bool read_place(struct slice src, struct envelope *e)
{
    char text[PLACE_MAX];
    long long offset, append_ms;
    int partition;

    snprintf(text, sizeof text, "%.*s", SLICE_ARG(src));
    if (sscanf(text, "%d:%lld:%lld", &partition, &offset, &append_ms) != 3)
        return false;
    e->partition = partition;
    e->offset = offset;
    e->append_ms = append_ms;
    return true;
}

static bool is_from_http(struct slice enriched)
{
    struct json_iter it = json_iter(json_root(enriched));
    struct json_value key, value;
    bool http = false;

    while (json_next(&it, &key, &value))
        if (json_key_is(key, "source"))
            http = slice_is(value.raw, "\"http\"");
    return http;
}

static enum result write_mended(struct replay_plan *p, const struct reject_facts *reject,
                                const struct enriched_head *head, struct slice mended,
                                struct faults *faults)
{
    struct record now = {0}, before = {0};
    struct faults ignored = {0};
    struct enrichment enrichment = {.flags = {"mended"}, .flag_count = 1};
    struct envelope e = {.id = buf_slice(&p->log_id), .tenant = reject->tenant};
    struct err why;
    bool readable = json_check(reject->value, JSON_DEPTH, &why) == OK &&
                    read(&before, reject->value, RECORD_HTTP, &ignored) == OK;

    read_place(head->src, &e);
    e.source = readable && is_from_http(reject->value) ? "http" : "kafka";
    if (read(&now, mended, RECORD_HTTP, faults) == OK && readable)
        compare(&now, &before, faults);
    if (faults->count == 0) {
        e.timestamp_ms = e.append_ms;
        if (now.has_timestamp || readable)
            e.timestamp_ms = now.has_timestamp ? now.timestamp_ms : before.timestamp_ms;
        enriched_write(&p->value, &now, &e, &enrichment, record_content_hash(&now));
    }
    record_done(&now);
    record_done(&before);
    faults_done(&ignored);
    return faults->count == 0 ? OK : REJECT;
}

/* The original with another `_id`. */
static void rename_original(struct replay_plan *p, const struct reject_facts *reject,
                            const struct enriched_head *head)
{
    size_t before = (size_t)(head->id.data - reject->value.data);
    size_t after = before + head->id.len;

    buf_add(&p->value, reject->value.data, before);
    buf_add_slice(&p->value, buf_slice(&p->stored_id));
    buf_add(&p->value, reject->value.data + after, reject->value.len - after);
}

static struct slice without_tenant(struct slice stored_id)
{
    const char *slash = stored_id.data ? memchr(stored_id.data, '/', stored_id.len) : NULL;

    if (!slash)
        return stored_id;
    return slice_make(slash + 1, stored_id.len - (size_t)(slash + 1 - stored_id.data));
}

static enum result plan_stored(struct replay_plan *p, const struct reject_facts *reject,
                               struct slice mended, struct faults *faults)
{
    struct enriched_head head = {.hash = 0};
    bool readable = enriched_read_head(reject->value, &head);
    struct slice id = without_tenant(head.id);

    settle_id(p, reject, is_conflict(reject) ? (struct slice){NULL, 0} : id);
    if (mended.data && !readable) {
        faults_add(faults, slice_of("record"),
                   "\"record\" is not allowed: the original has no place that it could take");
        return REJECT;
    }
    if (mended.data)
        return write_mended(p, reject, &head, mended, faults);
    if (readable && is_conflict(reject))
        rename_original(p, reject, &head);
    return OK;
}

enum result replay_plan_make(struct replay_plan *p, const struct reject_facts *reject,
                             struct slice mended, struct faults *faults)
{
    struct record r = {0};
    enum result result;

    if (reject->truncated && !mended.data) {
        faults_add(faults, slice_of("record"),
                   "\"record\" is required: only a part of the original is kept");
        return REJECT;
    }
    if (slice_is(reject->stage, "processor"))
        result = plan_raw(p, reject, mended, &r, faults);
    else
        result = plan_stored(p, reject, mended, faults);
    record_done(&r);
    return result;
}
