/* SPDX-License-Identifier: MIT */
#include "indexer/changes.h"

#include "indexer/writer.h"
#include "schemas/bson_member.h"

_Static_assert((int)CHANGES_MAX >= (int)BATCH_CHUNK, "a chunk is one command");

void changes_init(struct changes *c, const struct changes_sink *sink)
{
    c->count = 0;
    c->refused = (struct refusals){0};
    c->sink = *sink;
}

void changes_done(struct changes *c)
{
    changes_clear(c);
    refusals_done(&c->refused);
}

struct new_change *changes_next(struct changes *c)
{
    struct new_change *next = &c->items[c->count++];

    bson_init(&next->doc);
    bson_init(&next->update);
    return next;
}

void changes_clear(struct changes *c)
{
    for (size_t i = 0; i < c->count; i++) {
        bson_destroy(&c->items[i].doc);
        bson_destroy(&c->items[i].update);
    }
    c->count = 0;
}

enum result changes_send(struct changes *c, enum collection where, struct err *err)
{
    enum result result;

    for (size_t i = 0; i < c->count; i++) {
        const struct new_change *item = &c->items[i];

        c->views[i] = (struct change){&item->doc, bson_empty(&item->update) ? NULL : &item->update};
    }
    result = lanes_write(c->sink.lanes, where, c->views, c->count, &c->refused, err);
    if (result == OK && c->refused.count > 0)
        err_set(err, RETRY, "the store refuses stats for now: %d %s", c->refused.items[0].code,
                c->refused.items[0].text);
    return result;
}

void changes_mark_refused(const struct changes *c, bool ret_refused[CHANGES_MAX])
{
    for (size_t i = 0; i < c->count; i++)
        ret_refused[i] = false;
    for (size_t i = 0; i < c->refused.count; i++)
        if (c->refused.items[i].index < c->count)
            ret_refused[c->refused.items[i].index] = true;
}

/* An upsert stands for many records, so its letter is the change itself, under its _id. */
static enum result bury(struct changes *c, struct err *err)
{
    const struct refusal *r = &c->refused.items[0];
    struct err why;
    size_t len;
    char *change = bson_as_relaxed_extended_json(&c->items[0].update, &len);
    struct dead_letter letter = {
        .key = bson_text_of(&c->items[0].doc, "_id"),
        .value = slice_make(change, change ? len : 0),
        .topic = c->sink.topic,
        .partition = -1,
        .offset = -1,
        .why = why.text,
    };
    enum result result;

    err_set(&why, REJECT, "store_refused: %d %s", r->code, r->text);
    result = dead_letters_add(c->sink.letters, &letter, err);
    if (result == OK)
        result = dead_letters_flush(c->sink.letters, err);
    bson_free(change);
    return result;
}

/* As with documents, a refusal counts only while the store takes others. */
static bool is_final(struct changes *c, struct batch *b)
{
    struct err err;
    enum refusal_kind kind = refusal_kind(c->refused.items[0].code, c->refused.items[0].text);

    if (kind != REFUSED_UNKNOWN)
        return kind == REFUSED_DATA;
    return store_probe(c->sink.store, &err) == OK && ++b->shard_refusals >= WRITER_PATIENCE;
}

enum result changes_judge(struct changes *c, struct batch *b, struct err *err)
{
    if (c->count > 1) {
        b->chunk = 1;
        return RETRY;
    }
    return is_final(c, b) ? bury(c, err) : RETRY;
}
