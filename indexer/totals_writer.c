/* SPDX-License-Identifier: MIT */
#include "indexer/totals_writer.h"

#include "common/mem.h"
#include "indexer/seen.h"
#include "schemas/bson_member.h"

#include <stdlib.h>

struct totals_writer {
    struct store *store;
    struct seen *seen; /* totals that the store has, as far as we remember */
    struct changes *changes;
    size_t sent[CHANGES_MAX];  /* the totals of the command at hand */
    size_t ahead[CHANGES_MAX]; /* those that have some of it already */
    size_t ahead_count;
    struct totals *totals; /* of the batch at hand */
    size_t from, to;       /* those of the chunk at hand */
    bool skipped;
};

struct totals_writer *totals_writer_new(struct store *store, struct changes *changes)
{
    struct totals_writer *w = mem_zalloc(sizeof *w);

    w->store = store;
    w->seen = seen_new();
    w->changes = changes;
    return w;
}

void totals_writer_free(struct totals_writer *w)
{
    if (!w)
        return;
    seen_free(w->seen);
    free(w);
}

/* Those that may not be there yet are inserted. What is refused, taken or for another
 * reason, is left to be upserted. */
static enum result insert_new(struct totals_writer *w, struct err *err)
{
    bool refused[CHANGES_MAX];
    enum result result;

    changes_clear(w->changes);
    for (size_t i = w->from; i < w->to; i++) {
        if (!totals_may_insert(w->totals, i) || seen_has(w->seen, totals_id(w->totals, i)))
            continue;
        w->sent[w->changes->count] = i;
        totals_document(w->totals, i, &changes_next(w->changes)->doc);
    }
    if (w->changes->count < INSERTS_WORTH_IT)
        return OK;
    result = changes_send(w->changes, COLLECTION_TOTALS, err);
    if (result != OK)
        return result;
    changes_mark_refused(w->changes, refused);
    for (size_t i = 0; i < w->changes->count; i++) {
        if (refused[i]) {
            totals_found(w->totals, w->sent[i]);
            continue;
        }
        totals_close(w->totals, w->sent[i]);
        seen_add(w->seen, totals_id(w->totals, w->sent[i]));
    }
    return OK;
}

/* Those that are open, as upserts. */
static void gather(struct totals_writer *w)
{
    changes_clear(w->changes);
    for (size_t i = w->from; i < w->to; i++) {
        if (!totals_is_open(w->totals, i))
            continue;
        w->sent[w->changes->count] = i;
        struct new_change *u = changes_next(w->changes);
        totals_update(w->totals, i, &u->doc, &u->update);
        seen_add(w->seen, totals_id(w->totals, i));
    }
}

/* What was not refused is done; what met a total that is ahead goes to `ahead`. False: something
 * was refused for another reason. */
static bool sort_out(struct totals_writer *w)
{
    const struct refusals *refused = &w->changes->refused;
    bool is_refused[CHANGES_MAX] = {false}, others = false;

    w->ahead_count = 0;
    for (size_t i = 0; i < refused->count; i++) {
        const struct refusal *r = &refused->items[i];

        if (r->index >= w->changes->count || is_refused[r->index])
            continue;
        is_refused[r->index] = true;
        if (refusal_kind(r->code, r->text) == REFUSED_DUPLICATE)
            w->ahead[w->ahead_count++] = w->sent[r->index];
        else
            others = true;
    }
    for (size_t i = 0; i < w->changes->count; i++)
        if (!is_refused[i])
            totals_close(w->totals, w->sent[i]);
    return !others;
}

static void skip(void *ctx, const bson_t *stored)
{
    struct totals_writer *w = ctx;
    size_t i;

    if (totals_find(w->totals, w->from, w->to, bson_text_of(stored, "_id"), &i))
        w->skipped |= totals_skip_stored(w->totals, i, stored);
}

/* Reads how far those ahead are. RETRY also when none turns out to be: a writer that was as quick
 * as we are, or a store that says one thing and shows another. */
static enum result look_up(struct totals_writer *w, struct err *err)
{
    const struct store_found found = {skip, w};
    bson_t ids = BSON_INITIALIZER;
    enum result result;

    for (size_t i = 0; i < w->ahead_count; i++)
        store_add_id(&ids, i, totals_id(w->totals, w->ahead[i]));
    w->skipped = false;
    result = store_find_positions(w->store, &ids, &found, err);
    bson_destroy(&ids);
    if (result == OK && !w->skipped)
        return err_set(err, RETRY, "totals are taken, and have nothing of this");
    return result;
}

/* Adds what is left of the chunk, until nothing is. */
static enum result write_chunk(struct totals_writer *w, struct batch *b, struct err *err)
{
    if (insert_new(w, err) != OK)
        return RETRY;
    for (gather(w); w->changes->count > 0; gather(w)) {
        enum result result = changes_send(w->changes, COLLECTION_TOTALS, err);

        if (result != OK)
            return result;
        if (!sort_out(w)) {
            result = changes_judge(w->changes, b, err);
            if (result == OK) /* buried */
                totals_close(w->totals, w->sent[0]);
        } else if (w->ahead_count > 0) {
            result = look_up(w, err);
        }
        if (result != OK)
            return result;
    }
    return OK;
}

enum result totals_writer_write(struct totals_writer *w, struct batch *b, struct err *err)
{
    size_t total = totals_settle(b->totals);

    w->totals = b->totals;
    while (b->totals_done < total) {
        size_t end = totals_span_end(b->totals, b->totals_done);
        enum result result;

        w->from = b->totals_done;
        w->to = end - w->from < b->chunk ? end : w->from + b->chunk;
        result = write_chunk(w, b, err);
        changes_clear(w->changes);
        if (result != OK)
            return result;
        b->totals_done = w->to;
        b->shard_refusals = 0;
    }
    return OK;
}
