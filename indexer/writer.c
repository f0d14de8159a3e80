/* SPDX-License-Identifier: MIT */
#include "indexer/writer.h"

#include "common/kafka_topics.h"
#include "common/mem.h"
#include "indexer/document.h"
#include "indexer/ruling.h"
#include "indexer/stats_writer.h"

#include <stdlib.h>

struct writer {
    struct store *store;
    struct lanes *lanes;
    struct dead_letters *letters;
    char topics[STREAM_COUNT][256];
    struct change inserts[BATCH_ENTRIES]; /* of the command at hand */
    struct entry *entries[BATCH_ENTRIES]; /* theirs */
    size_t count;
    struct refusals refused;
    struct err last_refusal;
    bool took_some; /* the store, of this attempt's documents */
    struct stats_writer *stats;
    struct ruling *ruling;
};

struct writer *writer_new(const struct settings *settings, struct store *store, struct lanes *lanes,
                          struct dead_letters *letters)
{
    struct writer *w = mem_zalloc(sizeof *w);

    w->store = store;
    w->lanes = lanes;
    w->letters = letters;
    w->ruling = ruling_new(settings);
    kafka_topic_name(settings, TOPIC_ENRICHED, w->topics[STREAM_LOGS]);
    kafka_topic_name(settings, TOPIC_STATS, w->topics[STREAM_STATS]);
    w->stats =
        stats_writer_new(&(struct changes_sink){store, lanes, letters, w->topics[STREAM_STATS]});
    return w;
}

void writer_free(struct writer *w)
{
    if (!w)
        return;
    refusals_done(&w->refused);
    stats_writer_free(w->stats);
    ruling_free(w->ruling);
    free(w);
}

/* The next `max` entries of that fate, from *at on. */
static void gather(struct writer *w, struct batch *b, enum fate fate, size_t *at, size_t max)
{
    w->count = 0;
    for (; *at < b->count && w->count < max; ++*at) {
        struct entry *e = &b->entries[*at];

        if (e->fate != fate)
            continue;
        w->inserts[w->count] = (struct change){.doc = e->doc};
        w->entries[w->count++] = e;
    }
}

static void settle_refusal(struct entry *e, const struct refusal *r, bool alone)
{
    e->fate = FATE_OPEN;
    switch (refusal_kind(r->code, r->text)) {
    case REFUSED_DUPLICATE:
        e->fate = FATE_EXISTS;
        break;
    case REFUSED_DATA:
        if (alone)
            entry_bury(e, "store_refused: %d %s", r->code, r->text);
        break;
    case REFUSED_UNKNOWN:
        if (alone)
            entry_suspect(e, "store_refused: %d %s", r->code, r->text);
        break;
    case REFUSED_FOR_NOW:
        break;
    }
}

/* One insert of what was gathered. */
static enum result insert_gathered(struct writer *w, struct err *err)
{
    bool alone;

    if (lanes_write(w->lanes, COLLECTION_LOGS, w->inserts, w->count, &w->refused, err) != OK)
        return RETRY;
    alone = !w->refused.whole || w->count == 1;
    for (size_t i = 0; i < w->count; i++)
        w->entries[i]->fate = FATE_STORED;
    for (size_t i = 0; i < w->refused.count; i++) {
        const struct refusal *r = &w->refused.items[i];

        if (r->index < w->count)
            settle_refusal(w->entries[r->index], r, alone);
    }
    if (w->refused.count > 0)
        err_set(&w->last_refusal, RETRY, "the store refuses documents for now: %d %s",
                w->refused.items[0].code, w->refused.items[0].text);
    w->took_some = w->took_some || w->refused.count < w->count;
    return OK;
}

static enum result insert_all(struct writer *w, struct batch *b, struct err *err)
{
    size_t at = 0;

    for (gather(w, b, FATE_OPEN, &at, b->chunk); w->count > 0;
         gather(w, b, FATE_OPEN, &at, b->chunk)) {
        if (insert_gathered(w, err) != OK) {
            batch_be_careful(b);
            return RETRY;
        }
        if (w->refused.whole && w->count > 1)
            b->chunk = w->count > BATCH_CAREFUL_CHUNK ? BATCH_CAREFUL_CHUNK : 1;
    }
    return OK;
}

/* A stored document that an entry met. Two entries of one batch may have met the same. */
static void judge(void *ctx, const bson_t *doc)
{
    struct writer *w = ctx;
    struct document_place stored = document_place(doc);

    for (size_t i = 0; i < w->count; i++) {
        struct entry *e = w->entries[i];
        struct document_place ours;

        if (e->fate != FATE_EXISTS)
            continue;
        ours = document_place(e->doc);
        if (!slice_eq(ours.id, stored.id))
            continue;
        if (slice_eq(ours.src, stored.src))
            e->fate = FATE_REDELIVERY;
        else if (slice_eq(ours.hash, stored.hash))
            e->fate = FATE_LATE_DUPLICATE;
        else
            entry_bury(e, "id_conflict: this id is stored with other content, from %.*s",
                       SLICE_ARG(stored.src));
    }
}

/* What is behind the taken ids. One that has vanished since is to be inserted after all; should
 * the store go on calling it taken, it has a rule of its own. */
static enum result look_up(struct writer *w, struct batch *b, struct err *err)
{
    const struct store_found found = {judge, w};
    size_t at = 0;

    for (gather(w, b, FATE_EXISTS, &at, BATCH_CAREFUL_CHUNK); w->count > 0;
         gather(w, b, FATE_EXISTS, &at, BATCH_CAREFUL_CHUNK)) {
        bson_t ids = BSON_INITIALIZER;
        enum result result;

        for (size_t i = 0; i < w->count; i++)
            store_add_id(&ids, i, document_place(w->inserts[i].doc).id);
        result = store_find_logs(w->store, &ids, &found, err);
        bson_destroy(&ids);
        if (result != OK)
            return RETRY;
        for (size_t i = 0; i < w->count; i++)
            if (w->entries[i]->fate == FATE_EXISTS)
                entry_suspect(w->entries[i], "store_refused: 11000, but this _id is free");
    }
    return OK;
}

static enum result add_letter(struct writer *w, const struct entry *e, struct err *err)
{
    struct dead_letter letter = {
        .topic = w->topics[e->position.stream],
        .partition = e->position.partition,
        .offset = e->position.offset,
        .why = e->why,
    };
    rd_kafka_headers_t *headers;

    if (e->message) {
        letter.key = slice_make(e->message->key, e->message->key_len);
        letter.value = slice_make(e->message->payload, e->message->len);
        if (!rd_kafka_message_headers(e->message, &headers))
            letter.headers = headers;
    }
    return dead_letters_add(w->letters, &letter, err);
}

/* Queues the dead from `from` on, as many as fit; returns the place of the first left over. */
static size_t add_letters(struct writer *w, struct batch *b, size_t from, struct err *err)
{
    size_t i = from;

    for (; i < b->count; i++)
        if (b->entries[i].fate == FATE_DEAD && add_letter(w, &b->entries[i], err) != OK)
            break;
    return i;
}

static enum result bury_dead(struct writer *w, struct batch *b, struct err *err)
{
    for (size_t from = 0; from < b->count;) {
        struct err full;
        size_t to = add_letters(w, b, from, &full);
        enum result result = dead_letters_flush(w->letters, err);

        if (result != OK)
            return result;
        for (size_t i = from; i < to; i++)
            if (b->entries[i].fate == FATE_DEAD)
                b->entries[i].fate = FATE_BURIED;
        if (to == from) {
            *err = full;
            return RETRY;
        }
        from = to;
    }
    return OK;
}

/* A refusal counts against a document only when the store took something else. */
static enum result lose_patience(struct writer *w, struct batch *b, struct err *err)
{
    bool suspects = false;

    for (size_t i = 0; i < b->count; i++)
        suspects = suspects || b->entries[i].suspect;
    if (suspects && !w->took_some && store_probe(w->store, err) != OK)
        return RETRY;
    for (size_t i = 0; i < b->count; i++) {
        struct entry *e = &b->entries[i];

        if (e->suspect && e->fate == FATE_OPEN && ++e->refusals >= WRITER_PATIENCE)
            e->fate = FATE_DEAD;
        e->suspect = false;
    }
    return OK;
}

static bool resolved(const struct batch *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->entries[i].fate < FATE_STORED)
            return false;
    return true;
}

static enum result write_logs(struct writer *w, struct batch *b, struct err *err)
{
    enum result result;

    w->took_some = false;
    result = insert_all(w, b, err);
    if (result == OK)
        result = look_up(w, b, err);
    if (result == OK)
        result = lose_patience(w, b, err);
    if (result == OK)
        result = bury_dead(w, b, err);
    if (result == OK && !resolved(b)) {
        *err = w->last_refusal;
        result = RETRY;
    }
    return result;
}

/* Again when the rules have changed meanwhile, which they seldom do. */
static enum result write_by_the_rules(struct writer *w, struct batch *b, struct err *err)
{
    enum result result = OK;

    for (bool again = true; again && result == OK;) {
        result = ruling_apply(w->ruling, b, err);
        if (result == OK)
            result = write_logs(w, b, err);
        if (result == OK)
            result = ruling_confirm(w->ruling, w->store, b, &again, err);
    }
    return result;
}

enum result writer_write(struct writer *w, struct batch *b, struct err *err)
{
    enum result result = b->count > 0 ? write_by_the_rules(w, b, err) : OK;

    if (result == OK) {
        result = stats_writer_write(w->stats, b, err);
        if (result != OK)
            batch_be_careful(b);
    }
    return result;
}
