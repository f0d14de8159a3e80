/* SPDX-License-Identifier: MIT */
#include "indexer/upserts.h"

#include "indexer/writer.h"
#include "schemas/bson_member.h"

void upserts_init(struct upserts *u, struct store *store, struct dead_letters *letters,
                  const char *topic)
{
    u->count = 0;
    u->refused = (struct refusals){0};
    u->store = store;
    u->letters = letters;
    u->topic = topic;
}

void upserts_done(struct upserts *u)
{
    upserts_clear(u);
    refusals_done(&u->refused);
}

struct upsert *upserts_next(struct upserts *u)
{
    struct upsert *next = &u->items[u->count++];

    bson_init(&next->selector);
    bson_init(&next->update);
    return next;
}

void upserts_clear(struct upserts *u)
{
    for (size_t i = 0; i < u->count; i++) {
        bson_destroy(&u->items[i].selector);
        bson_destroy(&u->items[i].update);
    }
    u->count = 0;
}

enum result upserts_send(struct upserts *u, enum collection c, struct err *err)
{
    enum result result = store_upsert(u->store, c, u->items, u->count, &u->refused, err);

    if (result == OK && u->refused.count > 0)
        err_set(err, RETRY, "the store refuses stats for now: %d %s", u->refused.items[0].code,
                u->refused.items[0].text);
    return result;
}

/* An upsert stands for many records, so its letter is the change itself, under its _id. */
static enum result bury(struct upserts *u, struct err *err)
{
    const struct refusal *r = &u->refused.items[0];
    struct err why;
    size_t len;
    char *change = bson_as_relaxed_extended_json(&u->items[0].update, &len);
    struct dead_letter letter = {
        .key = bson_text_of(&u->items[0].selector, "_id"),
        .value = slice_make(change, change ? len : 0),
        .topic = u->topic,
        .partition = -1,
        .offset = -1,
        .why = why.text,
    };
    enum result result;

    err_set(&why, REJECT, "store_refused: %d %s", r->code, r->text);
    result = dead_letters_add(u->letters, &letter, err);
    if (result == OK)
        result = dead_letters_flush(u->letters, err);
    bson_free(change);
    return result;
}

/* As with documents, a refusal counts only while the store takes others. */
static bool is_final(struct upserts *u, struct batch *b)
{
    struct err err;
    enum refusal_kind kind = refusal_kind(u->refused.items[0].code, u->refused.items[0].text);

    if (kind != REFUSED_UNKNOWN)
        return kind == REFUSED_DATA;
    return store_probe(u->store, &err) == OK && ++b->shard_refusals >= WRITER_PATIENCE;
}

enum result upserts_judge(struct upserts *u, struct batch *b, struct err *err)
{
    if (u->count > 1) {
        b->chunk = 1;
        return RETRY;
    }
    return is_final(u, b) ? bury(u, err) : RETRY;
}
