/* SPDX-License-Identifier: MIT */
#include "processor/restore.h"

#include "common/clock.h"
#include "common/kafka_topics.h"
#include "processor/reader.h"
#include "schemas/enriched.h"

#include <stdlib.h>

/* An open transaction ends 5 s after its producer went silent; then there is something to read. */
enum { STALLED_MS = 20000, ALIVE_MS = 500, POLL_MS = 10 };

struct restore {
    const struct settings *settings;
    char topic[256];
    struct restore_part *parts;
    size_t count;
    bool (*alive)(void *ctx);
    void *ctx;
    size_t woken;
};

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static enum result find_since(const struct restore *r, struct reader *reader,
                              struct restore_part *part, struct err *err)
{
    rd_kafka_topic_partition_list_t *place;
    enum result result;

    if (part->since_ms < 0)
        return OK;
    place = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(place, r->topic, part->partition)->offset = part->since_ms;
    result = reader_times(reader, place, err);
    if (result == OK)
        part->from =
            place->elems[0].offset < 0 ? part->end : greater(part->from, place->elems[0].offset);
    rd_kafka_topic_partition_list_destroy(place);
    return result;
}

/* From where to where each partition is to be read. */
static enum result find_ranges(struct restore *r, struct err *err)
{
    /* Transaction markers take offsets too, so a little more than the memory holds. */
    int64_t most = r->settings->dedupe_max_ids + r->settings->dedupe_max_ids / 8 + 100;
    AUTO(reader) reader = NULL;
    enum result result = reader_new(r->settings, READ_UNCOMMITTED, &reader, err);

    for (size_t i = 0; result == OK && i < r->count; i++) {
        struct restore_part *part = &r->parts[i];

        result = reader_bounds(reader, r->topic, part->partition, &part->from, &part->end, err);
        if (result != OK)
            break;
        part->from = greater(part->from, part->end - most);
        result = find_since(r, reader, part, err);
        part->reached = part->from;
    }
    return result;
}

/* The id as it is in `_id`: alone in tenant default, else behind the tenant's name. */
static struct hash128 key_of(struct slice id)
{
    const char *slash = memchr(id.data, '/', id.len);
    size_t len = slash ? (size_t)(slash - id.data) : 0;

    if (!slash)
        return hash128_pair(slice_of("default"), id);
    return hash128_pair(slice_make(id.data, len), slice_make(slash + 1, id.len - len - 1));
}

/* "partition:offset:appendTime" */
static bool read_src(struct slice src, int64_t *ret_offset, int64_t *ret_append_ms)
{
    const char *offset = memchr(src.data, ':', src.len);
    char *end;

    if (!offset) /* the value goes on behind src with a quote, so strtoll ends there at the latest
                  */
        return false;
    *ret_offset = strtoll(offset + 1, &end, 10);
    if (*end != ':')
        return false;
    *ret_append_ms = strtoll(end + 1, NULL, 10);
    return true;
}

static void take(struct restore_part *part, const rd_kafka_message_t *m)
{
    struct enriched_head head;
    struct hash128 key;

    if (!enriched_read_head(slice_make(m->payload, m->len), &head) ||
        !read_src(head.src, &part->raw_offset, &part->raw_append_ms))
        return; /* not ours, so no id of ours */
    part->records++;
    key = key_of(head.id);
    if (dedupe_check(part->ids, key, head.hash, part->raw_append_ms) == DEDUPE_NEW)
        dedupe_add(part->ids, key, head.hash, part->raw_append_ms);
}

/* Returns whether it brought its partition to the end. */
static bool read_one(struct restore *r, const rd_kafka_message_t *m)
{
    for (size_t i = 0; i < r->count; i++) {
        struct restore_part *part = &r->parts[i];
        bool was_done = part->reached >= part->end;

        if (part->partition != m->partition)
            continue;
        if (!m->err && m->offset < part->end)
            take(part, m);
        part->reached = greater(part->reached, m->err ? m->offset : m->offset + 1);
        return !was_done && part->reached >= part->end;
    }
    return false;
}

/* Begins each partition that has something to read; *ret_waiting: how many. */
static enum result start(struct restore *r, struct reader *reader, size_t *ret_waiting,
                         struct err *err)
{
    rd_kafka_topic_partition_list_t *places = rd_kafka_topic_partition_list_new((int)r->count);
    enum result result = OK;

    for (size_t i = 0; i < r->count; i++) {
        const struct restore_part *part = &r->parts[i];

        if (part->from < part->end)
            rd_kafka_topic_partition_list_add(places, r->topic, part->partition)->offset =
                part->from;
    }
    *ret_waiting = (size_t)places->cnt;
    if (places->cnt > 0)
        result = reader_start(reader, places, err);
    rd_kafka_topic_partition_list_destroy(places);
    return result;
}

/* Wakes one partition's broker, another each time. */
static void wake(struct restore *r, struct reader *reader)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct restore_part *part = &r->parts[r->woken++ % r->count];

        if (part->reached < part->end &&
            reader_wake(reader, r->topic, part->partition, part->reached))
            return;
    }
}

static enum result read_all(struct restore *r, struct reader *reader, size_t waiting,
                            struct err *err)
{
    int64_t alive_ms = clock_mono_ms(), progress_ms = alive_ms;

    while (waiting) {
        rd_kafka_message_t *m = reader_poll(reader, POLL_MS);
        int64_t now_ms = clock_mono_ms();

        if (m) {
            waiting -= read_one(r, m);
            rd_kafka_message_destroy(m);
            progress_ms = now_ms;
        } else {
            wake(r, reader);
        }
        if (now_ms - alive_ms >= ALIVE_MS && !r->alive(r->ctx))
            return err_set(err, RETRY, "remembered ids are not read back: stopping");
        if (now_ms - alive_ms >= ALIVE_MS)
            alive_ms = now_ms;
        if (now_ms - progress_ms >= STALLED_MS)
            return err_set(err, RETRY, "remembered ids cannot be read back yet: %s does not go on",
                           r->topic);
    }
    return OK;
}

enum result restore_ids(const struct settings *settings, struct restore_part *parts, size_t count,
                        bool (*alive)(void *ctx), void *ctx, struct err *err)
{
    struct restore r = {
        .settings = settings, .parts = parts, .count = count, .alive = alive, .ctx = ctx};
    AUTO(reader) reader = NULL;
    size_t waiting = 0;
    enum result result;

    kafka_topic_name(settings, TOPIC_ENRICHED, r.topic);
    result = find_ranges(&r, err);
    if (result == OK)
        result = reader_new(settings, READ_COMMITTED, &reader, err);
    if (result == OK)
        result = start(&r, reader, &waiting, err);
    return result == OK ? read_all(&r, reader, waiting, err) : result;
}
