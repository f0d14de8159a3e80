/* SPDX-License-Identifier: MIT */
#include "indexer/stats_writer.h"

#include "common/mem.h"
#include "indexer/changes.h"
#include "indexer/totals_writer.h"

#include <stdlib.h>

struct stats_writer {
    struct changes changes;
    size_t sent[CHANGES_MAX]; /* the shards of the inserts at hand */
    struct totals_writer *totals;
};

struct stats_writer *stats_writer_new(const struct changes_sink *sink)
{
    struct stats_writer *w = mem_zalloc(sizeof *w);

    changes_init(&w->changes, sink);
    w->totals = totals_writer_new(sink->store, &w->changes);
    return w;
}

void stats_writer_free(struct stats_writer *w)
{
    if (!w)
        return;
    totals_writer_free(w->totals);
    changes_done(&w->changes);
    free(w);
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
static enum result write_gathered(struct changes *c, struct batch *b, enum collection where,
                                  struct err *err)
{
    enum result result = changes_send(c, where, err);

    if (result == OK && c->refused.count > 0)
        result = only_duplicates(&c->refused) ? RETRY : changes_judge(c, b, err);
    changes_clear(c);
    return result;
}

/* What is refused is upserted, which also tells why, should it be for another reason than that it
 * is taken. */
static enum result insert_first(struct stats_writer *w, struct batch *b, size_t from, size_t to,
                                struct err *err)
{
    enum result result = OK;
    bool refused[CHANGES_MAX];

    for (size_t i = from; i < to; i++) {
        if (!stats_merge_is_first(b->stats, i))
            continue;
        w->sent[w->changes.count] = i;
        stats_merge_document(b->stats, i, &changes_next(&w->changes)->doc);
    }
    if (w->changes.count >= INSERTS_WORTH_IT) {
        result = changes_send(&w->changes, COLLECTION_STATS, err);
        changes_mark_refused(&w->changes, refused);
        for (size_t i = 0; result == OK && i < w->changes.count; i++)
            stats_merge_inserted(b->stats, w->sent[i], !refused[i]);
    }
    changes_clear(&w->changes);
    return result;
}

static enum result upsert_others(struct stats_writer *w, struct batch *b, size_t from, size_t to,
                                 struct err *err)
{
    for (size_t i = from; i < to; i++) {
        if (stats_merge_is_stored(b->stats, i))
            continue;
        struct new_change *change = changes_next(&w->changes);

        stats_merge_update(b->stats, i, &change->doc, &change->update);
    }
    return w->changes.count > 0 ? write_gathered(&w->changes, b, COLLECTION_STATS, err) : OK;
}

static enum result write_shards(struct stats_writer *w, struct batch *b, struct err *err)
{
    size_t total = stats_merge_count(b->stats);

    while (b->shards_done < total) {
        size_t to = total - b->shards_done < b->chunk ? total : b->shards_done + b->chunk;
        enum result result = insert_first(w, b, b->shards_done, to, err);

        if (result == OK)
            result = upsert_others(w, b, b->shards_done, to, err);
        if (result != OK)
            return result;
        b->shards_done = to;
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
        struct new_change *u = changes_next(&w->changes);

        watermark_update(slice_of(mark->tenant), mark->partition, mark->ms, &u->doc, &u->update);
    }
    result = write_gathered(&w->changes, b, COLLECTION_PIPELINE, err);
    b->watermarks_done = result == OK;
    return result;
}

enum result stats_writer_write(struct stats_writer *w, struct batch *b, struct err *err)
{
    enum result result = write_shards(w, b, err);

    if (result == OK)
        result = totals_writer_write(w->totals, b, err);
    return result == OK ? write_watermarks(w, b, err) : result;
}
