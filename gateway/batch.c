/* SPDX-License-Identifier: MIT */
#include "gateway/batch.h"

#include "common/ident.h"
#include "common/mem.h"
#include "schemas/cloudevent.h"

#include <stdlib.h>

/* What one reading carries along. */
struct reading {
    struct batch *batch;
    const struct batch_rules *rules;
    struct refusal *refusal;
};

void batch_done(struct batch *b)
{
    free(b->items);
    faults_done(&b->faults);
    buf_done(&b->results);
    buf_done(&b->first_fault);
    record_done(&b->_record);
    buf_done(&b->_text);
    buf_done(&b->_mapped);
    *b = (struct batch){0};
}

void batch_trim(struct batch *b, size_t bytes)
{
    size_t have = b->cap * sizeof b->items[0] + b->faults.cap * sizeof b->faults.items[0] +
                  b->faults.text.cap + b->results.cap + b->_text.cap + b->_record._arena.cap +
                  b->_mapped.cap;
    if (have > bytes)
        batch_done(b);
}

struct slice batch_id(const struct batch *b, size_t i)
{
    return slice_make(b->_text.data + b->items[i].id_at, b->items[i].id_len);
}

struct slice batch_key(const struct batch *b, size_t i)
{
    return slice_make(b->_text.data + b->items[i].key_at, b->items[i].key_len);
}

static void clear(struct batch *b)
{
    faults_clear(&b->faults);
    buf_clear(&b->results);
    buf_clear(&b->_text);
    b->count = b->received = b->rejected = 0;
    buf_clear(&b->first_fault);
    b->many = b->otlp = b->cloudevents = false;
}

/* The same key and place give the same id, so that a retry is not a second event. */
static void add_made_id(struct reading *r, size_t index)
{
    char id[UUID_LEN];
    if (r->rules->idempotency_key.data) {
        AUTO_BUF seed = {0};
        buf_add_slice(&seed, r->rules->tenant);
        buf_add_char(&seed, '\0');
        buf_add_slice(&seed, r->rules->idempotency_key);
        AUTO_BUF place = {0};
        buf_add_u64(&place, index);
        uuid_v8(hash128_pair(buf_slice(&seed), buf_slice(&place)), id);
    } else {
        uuid_v7(r->rules->now_ms, id);
    }
    buf_add(&r->batch->_text, id, sizeof id);
}

static void keep(struct reading *r, struct slice json, size_t index)
{
    struct batch *b = r->batch;
    const struct record *record = &b->_record;
    if (b->count == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 8;
        b->items = mem_realloc(b->items, b->cap * sizeof b->items[0]);
    }
    struct batch_item *item = &b->items[b->count++];
    item->json = json;
    item->id_at = b->_text.len;
    if (record->id.data)
        buf_add_slice(&b->_text, record->id);
    else
        add_made_id(r, index);
    item->id_len = b->_text.len - item->id_at;
    item->key_at = b->_text.len;
    buf_add_slice(&b->_text, record->user_id.data ? record->user_id : record->service);
    item->key_len = b->_text.len - item->key_at;
}

/* Under `partial` the faults of one record become its result; else they stay for the answer. */
static void set_aside(struct reading *r, size_t index)
{
    struct batch *b = r->batch;
    b->rejected++;
    if (!r->rules->partial)
        return;
    if (b->first_fault.len == 0 && b->faults.count > 0)
        buf_add_slice(&b->first_fault, fault_message(&b->faults, 0));
    buf_add_text(&b->results, b->results.len > 0 ? ",{\"index\":" : "{\"index\":");
    buf_add_u64(&b->results, index);
    buf_add_text(&b->results, ",\"status\":\"rejected\",\"details\":");
    faults_render(&b->faults, 0, &b->results);
    buf_add_char(&b->results, '}');
    faults_clear(&b->faults);
}

static void add_item_fault(struct reading *r, size_t index, const char *what)
{
    AUTO_BUF field = {0};
    buf_add_u64(&field, index);
    faults_add(&r->batch->faults, buf_slice(&field), "\"[%zu]\" %s", index, what);
}

/* An event is read as the record that the processor will make of it. */
static enum result read_record(struct reading *r, struct json_value value, int index)
{
    struct batch *b = r->batch;
    struct record_rules rules = {RECORD_HTTP, r->rules->strict, index};
    if (!b->cloudevents)
        return record_read(&b->_record, value, &rules, &b->faults);
    buf_clear(&b->_mapped);
    if (cloudevent_to_record(value, index, &b->_mapped, &b->faults) != OK)
        return REJECT;
    return record_read(&b->_record, json_root(buf_slice(&b->_mapped)), &rules, &b->faults);
}

/* One element of an array or line of NDJSON. False: the whole request is refused. */
static bool read_element(struct reading *r, struct json_value value, size_t index)
{
    bool too_large = value.raw.len > RECORD_MAX_BYTES;
    if (too_large && !r->rules->partial)
        return refuse(r->refusal, 413, "payload_too_large",
                      "Payload Too Large: record %zu is over %d bytes", index, RECORD_MAX_BYTES);
    if (too_large)
        add_item_fault(r, index, "must be at most 262144 bytes");
    if (too_large || read_record(r, value, (int)index) != OK)
        set_aside(r, index);
    else if (index < r->rules->max_count)
        keep(r, value.raw, index);
    return true;
}

static bool is_json_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t json_start(struct slice s)
{
    size_t i = 0;
    while (i < s.len && is_json_space(s.data[i]))
        i++;
    return i;
}

/* Past what an answer can hold, records are only counted: their number is judged last. */
static bool is_full(const struct reading *r)
{
    return r->batch->faults.count >= FAULTS_MAX - 1 || r->batch->rejected > r->rules->max_count;
}

static bool read_array(struct reading *r, struct json_value array)
{
    struct batch *b = r->batch;
    struct json_iter it = json_iter(array);
    struct json_value element;
    for (b->received = 0; json_next(&it, NULL, &element); b->received++)
        if (!is_full(r) && !read_element(r, element, b->received))
            return false;
    return true;
}

static bool read_line(struct reading *r, struct slice line)
{
    struct batch *b = r->batch;
    struct err err;
    size_t index = b->received++;
    if (json_check(line, RECORD_MAX_DEPTH, &err) == OK)
        return read_element(r, json_root(line), index);
    if (!r->rules->partial)
        return refuse(r->refusal, 400, "malformed_json", "Malformed JSON in record %zu: %.200s",
                      index, err.text);
    add_item_fault(r, index, "must be valid JSON");
    set_aside(r, index);
    return true;
}

static bool is_blank(struct slice s)
{
    return json_start(s) == s.len;
}

static bool read_lines(struct reading *r, struct slice text)
{
    struct batch *b = r->batch;
    while (text.len > 0) {
        const char *newline = memchr(text.data, '\n', text.len);
        struct slice line = {text.data, newline ? (size_t)(newline - text.data) : text.len};
        size_t used = line.len + (newline ? 1 : 0);
        text = slice_make(text.data + used, text.len - used);
        if (is_blank(line))
            continue;
        if (is_full(r))
            b->received++;
        else if (!read_line(r, line))
            return false;
    }
    return true;
}

static bool read_one(struct reading *r, struct slice text, struct json_value value)
{
    if (text.len > RECORD_MAX_BYTES)
        return refuse(r->refusal, 413, "payload_too_large",
                      "Payload Too Large: a record may be at most %d bytes", RECORD_MAX_BYTES);
    if (read_record(r, value, -1) == OK)
        keep(r, text, 0);
    return true;
}

static void check_length(struct reading *r)
{
    struct batch *b = r->batch;
    if (b->received == 0)
        faults_add(&b->faults, slice_of(""), "\"value\" must contain at least 1 items");
    if (b->received > r->rules->max_count)
        faults_add(&b->faults, slice_of(""),
                   "\"value\" must contain less than or equal to %zu items", r->rules->max_count);
}

static bool read_json(struct reading *r, struct slice text)
{
    struct batch *b = r->batch;
    size_t start = json_start(text);
    /* The clients' old server took a body of nothing for an object of nothing. */
    if (start == text.len)
        text = slice_of("{}");
    b->many = start < text.len && text.data[start] == '[';

    struct err err;
    b->received = 1;
    if (json_check(text, RECORD_MAX_DEPTH + (b->many ? 1 : 0), &err) != OK)
        return refuse(r->refusal, 400, "malformed_json", "Malformed JSON: %.200s", err.text);
    if (b->many && r->rules->format != BODY_CLOUDEVENT)
        return read_array(r, json_root(text));
    if (b->many || !(r->rules->must_be_array || r->rules->format == BODY_CLOUDEVENTS)) {
        b->many = false;
        return read_one(r, text, json_root(text));
    }
    faults_add(&b->faults, slice_of(""), "\"value\" must be an array");
    return true;
}

static bool check_key(struct reading *r)
{
    struct slice key = r->rules->idempotency_key;
    if (key.data && key.len == 0)
        faults_add(&r->batch->faults, slice_of("Idempotency-Key"),
                   "\"Idempotency-Key\" is not allowed to be empty");
    if (key.len > 255)
        faults_add(&r->batch->faults, slice_of("Idempotency-Key"),
                   "\"Idempotency-Key\" length must be less than or equal to 255 characters long");
    return r->batch->faults.count == 0;
}

static bool read_all(struct reading *r, struct slice text)
{
    struct batch *b = r->batch;
    clear(b);
    b->cloudevents = r->rules->format == BODY_CLOUDEVENT || r->rules->format == BODY_CLOUDEVENTS;
    if (r->rules->format == BODY_NDJSON) {
        b->many = true;
        if (!read_lines(r, text))
            return false;
    } else if (!read_json(r, text)) {
        return false;
    }
    b->partial = b->many && r->rules->partial;
    if (b->many)
        check_length(r);
    check_key(r);
    if (b->faults.count > 0)
        return refuse(r->refusal, 400, "validation_error", "Validation Error");
    return true;
}

bool batch_read(struct batch *b, struct slice text, const struct batch_rules *rules,
                struct refusal *refusal)
{
    struct reading r = {b, rules, refusal};
    if (!read_all(&r, text))
        return false;
    if (b->count > 0)
        return true;
    /* Partial, and nothing good at all: an ordinary refusal, with every fault in it. */
    struct batch_rules whole = *rules;
    whole.partial = false;
    r.rules = &whole;
    return read_all(&r, text);
}
