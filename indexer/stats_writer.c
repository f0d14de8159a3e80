/* SPDX-License-Identifier: MIT */
#include "indexer/stats_writer.h"

#include "common/mem.h"
#include "indexer/changes.h"
#include "indexer/totals_writer.h"

#include <stdlib.h>

struct stats_writer {
    struct changes changes;
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

static enum result write_shards(struct stats_writer *w, struct batch *b, struct err *err)
{
    size_t total = stats_merge_count(b->stats);
    size_t chunk = b->chunk < CHANGES_MAX ? b->chunk : CHANGES_MAX;

    while (b->shards_done < total) {
        enum result result;
        size_t count = total - b->shards_done < chunk ? total - b->shards_done : chunk;

        for (size_t i = 0; i < count; i++) {
            struct new_change *u = changes_next(&w->changes);

            stats_merge_update(b->stats, b->shards_done + i, &u->doc, &u->update);
        }
        result = write_gathered(&w->changes, b, COLLECTION_STATS, err);
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
