/* SPDX-License-Identifier: MIT */
#include "processor/task.h"

#include "common/mem.h"
#include "processor/meters.h"
#include "processor/shards.h"

#include <stdlib.h>

struct task {
    int32_t partition;
    int64_t next_offset, last_append_ms;
    bool has_work;
    struct dedupe *ids;
    struct shards *shards;
    struct meters *meters;
    struct task_outcome outcome; /* of the open transaction */
};

/* A raw record that is being worked on: its outward identity, settled bit by bit. */
struct work {
    const struct input *in;
    struct slice tenant; /* as far as known, for the meters */
    struct slice id, traceparent;
    uint64_t content;
    char made_id[UUID_LEN];
};

static const char default_tenant[] = "default";

void toolbox_done(struct toolbox *t)
{
    record_done(&t->record);
    faults_done(&t->faults);
    buf_done(&t->key);
    buf_done(&t->value);
    cloudevent_scratch_done(&t->event);
}

struct task *task_new(int32_t partition, const struct task_limits *limits)
{
    struct task *t = mem_zalloc(sizeof *t);

    t->partition = partition;
    t->next_offset = -1;
    t->ids = dedupe_new(limits->dedupe_max_ids, limits->dedupe_window_ms);
    t->shards = shards_new(partition, limits->max_buckets);
    t->meters = meters_new();
    return t;
}

void task_free(struct task *t)
{
    if (!t)
        return;
    dedupe_free(t->ids);
    shards_free(t->shards);
    meters_free(t->meters);
    free(t);
}

void task_begin(struct task *t, int64_t offset)
{
    t->next_offset = offset;
}

/* --- from a record's headers and body to its identity --- */

static bool is_http(const struct input *in)
{
    return in->source.data && slice_is(in->source, "http");
}

static enum result check_headers(const struct input *in, struct err *err)
{
    if (in->tenant.data && !tenant_valid(in->tenant))
        return err_set(err, REJECT, "validation_error: header als.tenant is not a tenant's name");
    if (in->id.data && !id_valid(in->id))
        return err_set(err, REJECT, "validation_error: header als.id is not an id");
    if (in->source.data && !is_http(in) && !slice_is(in->source, "kafka"))
        return err_set(err, REJECT, "validation_error: header als.source is not http or kafka");
    return OK;
}

/* The same for a record that is delivered again, unlike any other record's. */
static struct slice make_id(struct work *w, struct toolbox *tools)
{
    struct buf *place = &tools->key; /* "partition:offset:appendTime" */

    buf_clear(place);
    buf_add_i64(place, w->in->partition);
    buf_add_char(place, ':');
    buf_add_i64(place, w->in->offset);
    buf_add_char(place, ':');
    buf_add_i64(place, w->in->append_ms);
    uuid_v8(hash128_pair(tools->topic, buf_slice(place)), w->made_id);
    return slice_make(w->made_id, UUID_LEN);
}

/* A record of ours, or an event that becomes one. */
static enum result read_value(const struct input *in, struct toolbox *tools,
                              const struct record_rules *rules, struct err *err)
{
    const struct cloudevent_message event = {
        .content_type = in->content_type,
        .value = in->value,
        .attributes = in->attributes,
        .attribute_count = in->attribute_count,
    };

    if (cloudevent_is_message(&event))
        return cloudevent_parse(&tools->record, &event, rules, &tools->event, &tools->faults, err);
    return record_parse(&tools->record, in->value, rules, &tools->faults, err);
}

static enum result read_record(const struct task *t, struct work *w, struct toolbox *tools,
                               struct err *err)
{
    const struct record_rules rules = {
        .origin = is_http(w->in) ? RECORD_HTTP : RECORD_KAFKA,
        .index = -1,
    };
    struct record *r = &tools->record;
    enum result result = check_headers(w->in, err);

    if (result != OK)
        return result;
    if (w->in->tenant.data)
        w->tenant = w->in->tenant;
    if (w->in->id.data)
        dedupe_expect(t->ids, hash128_pair(w->tenant, w->in->id));
    faults_clear(&tools->faults);
    result = read_value(w->in, tools, &rules, err);
    if (result != OK)
        return result;
    if (!w->in->tenant.data && r->tenant.data)
        w->tenant = r->tenant;
    w->id = w->in->id.data ? w->in->id : r->id.data ? r->id : make_id(w, tools);
    w->traceparent = w->in->traceparent.data ? w->in->traceparent : r->traceparent;
    w->content = record_content_hash(r);
    /* After the hash: a retry within another trace is still the same event. */
    if (!r->traceparent.data && traceparent_valid(w->in->traceparent))
        r->traceparent = w->in->traceparent;
    return OK;
}

/* --- the three things that can become of it --- */

static uint64_t *outcome_of(struct task_outcome *o, struct slice reason)
{
    if (slice_is(reason, "malformed_json"))
        return &o->malformed;
    if (slice_is(reason, "too_large"))
        return &o->too_large;
    return slice_is(reason, "id_conflict") ? &o->conflicts : &o->invalid;
}

/* `why` is "reason: detail". */
static enum result reject(struct task *t, const struct work *w, const struct sink *sink,
                          struct slice why, struct err *err)
{
    const char *colon = memchr(why.data, ':', why.len);
    size_t len = colon ? (size_t)(colon - why.data) : why.len;
    struct rejection rejection = {{why.data, len}, {why.data + len, 0}};
    enum result result;

    if (len + 2 <= why.len)
        rejection.detail = slice_make(why.data + len + 2, why.len - len - 2);
    result = sink->dead_letter(sink->ctx, w->in, &rejection, err);
    if (result != OK)
        return result;
    meters_count(t->meters, w->tenant, METER_REJECTED, w->in->append_ms);
    ++*outcome_of(&t->outcome, rejection.reason);
    return OK;
}

static enum result emit(struct work *w, struct toolbox *tools, const struct sink *sink,
                        struct envelope *envelope, struct err *err)
{
    struct input in = *w->in;
    struct enrichment enrichment;

    if (enrich(&tools->record, tools->geoip, tools->redact, envelope, &enrichment))
        in.key = (struct slice){0}; /* may be what was masked */
    buf_clear(&tools->value);
    enriched_write(&tools->value, &tools->record, envelope, &enrichment, w->content);
    return sink->enriched(sink->ctx, &in, buf_slice(&tools->value), w->tenant, w->traceparent, err);
}

static void count(struct task *t, const struct work *w, struct hash128 key, const struct record *r,
                  int64_t timestamp_ms)
{
    const struct shards_event event = {
        .tenant = w->tenant,
        .service = r->service,
        .action = r->action,
        .severity = r->severity,
        .outcome = r->outcome,
        .timestamp_ms = timestamp_ms,
        .offset = w->in->offset,
        .append_ms = w->in->append_ms,
    };

    dedupe_add(t->ids, key, w->content, w->in->append_ms);
    shards_count(t->shards, &event);
    meters_count(t->meters, w->tenant, METER_PROCESSED, w->in->append_ms);
    t->outcome.processed++;
}

static enum result accept(struct task *t, struct work *w, struct toolbox *tools,
                          const struct sink *sink, struct err *err)
{
    struct hash128 key = hash128_pair(w->tenant, w->id);
    struct envelope envelope = {
        .id = w->id,
        .tenant = w->tenant,
        .source = is_http(w->in) ? "http" : "kafka",
        .partition = w->in->partition,
        .offset = w->in->offset,
        .append_ms = w->in->append_ms,
    };
    enum result result;

    switch (dedupe_check(t->ids, key, w->content, w->in->append_ms)) {
    case DEDUPE_SAME:
        meters_count(t->meters, w->tenant, METER_DUPLICATES, w->in->append_ms);
        t->outcome.duplicates++;
        return OK;
    case DEDUPE_CONFLICT:
        return reject(t, w, sink,
                      slice_of("id_conflict: the id was used before, with other content"), err);
    case DEDUPE_NEW:
        break;
    }
    result = emit(w, tools, sink, &envelope, err);
    if (result == REJECT)
        return reject(t, w, sink, slice_of("too_large: enriched, it is too large for Kafka"), err);
    if (result == OK)
        count(t, w, key, &tools->record, envelope.timestamp_ms);
    return result;
}

enum result task_process(struct task *t, struct toolbox *tools, const struct input *in,
                         const struct sink *sink, struct err *err)
{
    struct work w = {.in = in, .tenant = slice_of(default_tenant)};
    struct err why;
    enum result result = read_record(t, &w, tools, &why);

    if (result == OK && in->refusal != REFUSED_NEVER)
        result = err_set(&why, REJECT, "too_large: Kafka refused the enriched record");
    result = result == OK ? accept(t, &w, tools, sink, err)
                          : reject(t, &w, sink, slice_of(why.text), err);
    if (result != OK)
        return result;
    t->next_offset = in->offset + 1;
    t->last_append_ms = in->append_ms;
    t->has_work = true;
    return OK;
}

/* --- the end of a transaction --- */

struct flush {
    const struct task *task;
    struct toolbox *tools;
    const struct sink *sink;
};

static enum result emit_stats(const struct flush *f, struct err *err)
{
    return f->sink->stats(f->sink->ctx, f->task->partition, f->task->last_append_ms,
                          buf_slice(&f->tools->key), buf_slice(&f->tools->value), err);
}

static enum result emit_bucket(void *ctx, const struct stats_bucket *bucket, struct err *err)
{
    const struct flush *f = ctx;

    buf_clear(&f->tools->key);
    buf_clear(&f->tools->value);
    stats_bucket_key(&f->tools->key, bucket);
    stats_bucket_write(&f->tools->value, bucket);
    return emit_stats(f, err);
}

static enum result emit_meta(const struct flush *f, const struct stats_meta *meta, struct err *err)
{
    buf_clear(&f->tools->key);
    buf_clear(&f->tools->value);
    buf_add_text(&f->tools->key, "meta|");
    buf_add_slice(&f->tools->key, meta->tenant);
    stats_meta_write(&f->tools->value, meta);
    return emit_stats(f, err);
}

enum result task_flush(struct task *t, struct toolbox *tools, const struct sink *sink,
                       struct err *err)
{
    struct flush f = {t, tools, sink};
    struct stats_meta meta;
    enum result result = shards_emit(t->shards, emit_bucket, &f, err);

    for (size_t i = 0; result == OK && meters_at(t->meters, i, &meta); i++)
        result = emit_meta(&f, &meta, err);
    return result;
}

void task_committed(struct task *t, struct task_outcome *ret)
{
    *ret = t->outcome;
    t->outcome = (struct task_outcome){0};
    t->has_work = false;
    meters_clear(t->meters);
    shards_trim(t->shards);
}

int32_t task_partition(const struct task *t)
{
    return t->partition;
}

struct dedupe *task_ids(struct task *t)
{
    return t->ids;
}

size_t task_buckets(const struct task *t)
{
    return shards_open(t->shards);
}

bool task_has_work(const struct task *t)
{
    return t->has_work;
}

int64_t task_next_offset(const struct task *t)
{
    return t->next_offset;
}

int64_t task_last_append_ms(const struct task *t)
{
    return t->last_append_ms;
}
