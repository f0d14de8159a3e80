/* SPDX-License-Identifier: MIT */
#include "indexer/stats_writer.h"

#include "common/mem.h"
#include "indexer/writer.h"

#include <stdlib.h>

enum { CHUNK = 1000 };

struct stats_writer {
    struct upsert upserts[CHUNK];
    size_t count;
    struct store *store;
    struct dead_letters *letters;
    const char *topic;
    struct refusals refused;
};

struct stats_writer *stats_writer_new(struct store *store, struct dead_letters *letters,
                                      const char *topic)
{
    struct stats_writer *w = mem_zalloc(sizeof *w);

    w->store = store;
    w->letters = letters;
    w->topic = topic;
    return w;
}

void stats_writer_free(struct stats_writer *w)
{
    if (w)
        refusals_done(&w->refused);
    free(w);
}

static struct upsert *next_upsert(struct stats_writer *w)
{
    struct upsert *u = &w->upserts[w->count++];

    bson_init(&u->selector);
    bson_init(&u->update);
    return u;
}

static void clear(struct stats_writer *w)
{
    for (size_t i = 0; i < w->count; i++) {
        bson_destroy(&w->upserts[i].selector);
        bson_destroy(&w->upserts[i].update);
    }
    w->count = 0;
}

/* A shard stands for many records, so its letter is the change itself, under its _id. */
static enum result bury_shard(struct stats_writer *w, const struct upsert *u,
                              const struct refusal *r, struct err *err)
{
    struct err why;
    bson_iter_t it;
    uint32_t key_len = 0;
    size_t len;
    const char *key =
        bson_iter_init_find(&it, &u->selector, "_id") ? bson_iter_utf8(&it, &key_len) : "";
    char *change = bson_as_relaxed_extended_json(&u->update, &len);
    struct dead_letter letter = {
        .key = slice_make(key, key_len),
        .value = slice_make(change, change ? len : 0),
        .topic = w->topic,
        .partition = -1,
        .offset = -1,
        .why = why.text,
    };
    enum result result;

    err_set(&why, REJECT, "store_refused: %d %s", r->code, r->text);
    result = dead_letters_add(w->letters, &letter, err);
    if (result == OK)
        result = dead_letters_flush(w->letters, err);
    bson_free(change);
    return result;
}

/* Of one shard alone. As with documents, a refusal counts only while the store takes others. */
static bool is_final(struct stats_writer *w, struct batch *b)
{
    struct err err;
    enum refusal_kind kind = refusal_kind(w->refused.items[0].code, w->refused.items[0].text);

    if (kind != REFUSED_UNKNOWN)
        return kind == REFUSED_DATA;
    return store_probe(w->store, &err) == OK && ++b->shard_refusals >= WRITER_PATIENCE;
}

static bool only_duplicates(const struct refusals *refused)
{
    for (size_t i = 0; i < refused->count; i++)
        if (refusal_kind(refused->items[i].code, refused->items[i].text) != REFUSED_DUPLICATE)
            return false;
    return true;
}

/* Writes what was gathered; merging again what is already there changes nothing, so a part that
 * is left over repeats its whole chunk. RETRY also when two writers inserted one _id at once. */
static enum result write_gathered(struct stats_writer *w, struct batch *b, enum collection c,
                                  struct err *err)
{
    enum result result = store_upsert(w->store, c, w->upserts, w->count, &w->refused, err);

    if (result != OK || w->refused.count == 0)
        return result;
    err_set(err, RETRY, "the store refuses stats for now: %d %s", w->refused.items[0].code,
            w->refused.items[0].text);
    if (only_duplicates(&w->refused))
        return RETRY;
    if (w->count > 1) {
        b->chunk = 1;
        return RETRY;
    }
    if (is_final(w, b))
        return bury_shard(w, &w->upserts[0], &w->refused.items[0], err);
    return RETRY;
}

static enum result write_shards(struct stats_writer *w, struct batch *b, struct err *err)
{
    size_t total = stats_merge_count(b->stats);
    size_t chunk = b->chunk < CHUNK ? b->chunk : CHUNK;

    while (b->shards_done < total) {
        enum result result;
        size_t count = total - b->shards_done < chunk ? total - b->shards_done : chunk;

        for (size_t i = 0; i < count; i++) {
            struct upsert *u = next_upsert(w);

            stats_merge_update(b->stats, b->shards_done + i, &u->selector, &u->update);
        }
        result = write_gathered(w, b, COLLECTION_STATS, err);
        clear(w);
        if (result != OK)
            return result;
        b->shards_done += count;
        b->shard_refusals = 0;
    }
    return OK;
}

static enum result write_watermarks(struct stats_writer *w, struct batch *b, struct err *err)
{
    enum result result;

    if (b->watermarks_done || b->watermark_count == 0)
        return OK;
    for (size_t i = 0; i < b->watermark_count; i++) {
        const struct watermark *mark = &b->watermarks[i];
        struct upsert *u = next_upsert(w);

        watermark_update(slice_of(mark->tenant), mark->partition, mark->ms, &u->selector,
                         &u->update);
    }
    result = write_gathered(w, b, COLLECTION_PIPELINE, err);
    clear(w);
    b->watermarks_done = result == OK;
    return result;
}

enum result stats_writer_write(struct stats_writer *w, struct batch *b, struct err *err)
{
    enum result result = write_shards(w, b, err);

    return result == OK ? write_watermarks(w, b, err) : result;
}
