/* SPDX-License-Identifier: MIT */
/* libFuzzer: whatever the bytes, the reader neither strays nor contradicts itself. What json_check
 * accepts can be walked to the end, and compacted text is JSON too and says the same; what
 * record_parse accepts becomes an enriched record that is JSON and has a readable head. */
#include "schemas/enriched.h"
#include "schemas/stats.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WALK_DEPTH_MAX = 64 };

/* Recursion is fine here: the depth was checked. */
static size_t walk(struct json_value v, struct buf *arena)
{
    struct json_value key = {0}, member;
    size_t count = 1;
    assert(v.raw.len > 0);
    if (v.type == JSON_STRING) {
        buf_clear(arena);
        struct slice text = json_text(v, arena);
        assert(text.len <= v.raw.len - 2 && json_code_points(text) <= text.len);
    }
    struct json_iter it = json_iter(v);
    while (json_next(&it, &key, &member)) {
        assert(key.raw.data == NULL || key.type == JSON_STRING);
        count += walk(member, arena) + (key.raw.data && json_key_is(key, "userId"));
    }
    return count;
}

static void try_json(struct slice bytes)
{
    AUTO_BUF compact = {0};
    AUTO_BUF arena = {0};
    struct err err;
    if (json_check(bytes, WALK_DEPTH_MAX, &err) != OK)
        return;
    struct json_value root = json_root(bytes);
    json_add_compact(&compact, root.raw);
    assert(json_check(buf_slice(&compact), WALK_DEPTH_MAX, &err) == OK);
    assert(json_is_compact(buf_slice(&compact)));
    assert(walk(root, &arena) == walk(json_root(buf_slice(&compact)), &arena));
}

static void try_enriched(const struct record *r)
{
    AUTO_BUF out = {0};
    struct err err;
    struct envelope envelope = {.id = slice_of("i"), .tenant = slice_of("t"), .source = "kafka"};
    struct enrichment enrichment = {0};
    struct enriched_head head;
    uint64_t hash = record_content_hash(r);
    enriched_write(&out, r, &envelope, &enrichment, hash);
    assert(json_check(buf_slice(&out), RECORD_MAX_DEPTH + 1, &err) == OK);
    assert(enriched_read_head(buf_slice(&out), &head) && head.hash == hash);
}

static void try_record(struct slice bytes, enum record_origin origin, bool strict)
{
    struct record r = {0};
    struct faults faults = {0};
    AUTO_BUF out = {0};
    struct err err;
    struct record_rules rules = {origin, strict, strict ? 7 : -1};
    if (record_parse(&r, bytes, &rules, &faults, &err) == OK) {
        assert(faults.count == 0);
        try_enriched(&r);
    }
    faults_render(&faults, 0, &out);
    assert(json_check(buf_slice(&out), 2, &err) == OK);
    faults_done(&faults);
    record_done(&r);
}

static void try_stats(struct slice bytes)
{
    AUTO(stats_record) r = stats_record_new();
    AUTO_BUF out = {0};
    enum stats_kind kind;
    struct err err;
    if (stats_record_read(r, bytes, &kind, &err) != OK)
        return;
    if (kind == STATS_BUCKET)
        stats_bucket_write(&out, stats_record_bucket(r));
    else
        stats_meta_write(&out, stats_record_meta(r));
    enum stats_kind again;
    assert(stats_record_read(r, buf_slice(&out), &again, &err) == OK && again == kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_make(data, size);
    try_json(bytes);
    try_record(bytes, RECORD_HTTP, false);
    try_record(bytes, RECORD_KAFKA, true);
    try_stats(bytes);
    return 0;
}
