/* SPDX-License-Identifier: MIT */
#include "indexer/replay.h"

#include "common/clock.h"
#include "common/kafka_topics.h"
#include "common/mem.h"
#include "indexer/intake.h"
#include "indexer/raw_sender.h"
#include "indexer/writer.h"
#include "rules/reject.h"
#include "schemas/bson_member.h"
#include "schemas/reject_bson.h"

#include <stdlib.h>

enum { AT_ONCE = 20 };

struct replay {
    const struct settings *settings;
    struct store *store;
    struct rules_reader *rules;
    struct raw_sender *sender; /* NULL: not needed so far, as the next three */
    struct dead_letters *letters;
    struct lanes *lanes;
    struct writer *writer;
    struct intake *intake;
    bson_t *wishes[AT_ONCE];
    size_t count;
    bool found;
};

struct replay *replay_new(const struct settings *settings, struct store *store,
                          struct rules_reader *rules)
{
    struct replay *r = mem_zalloc(sizeof *r);

    r->settings = settings;
    r->store = store;
    r->rules = rules;
    r->intake = intake_new(settings->retention_days);
    return r;
}

static void forget_wishes(struct replay *r)
{
    while (r->count > 0)
        bson_destroy(r->wishes[--r->count]);
}

void replay_free(struct replay *r)
{
    if (!r)
        return;
    forget_wishes(r);
    writer_free(r->writer);
    lanes_free(r->lanes);
    dead_letters_free(r->letters);
    raw_sender_free(r->sender);
    intake_free(r->intake);
    free(r);
}

/* --- reading a wish --- */

static int64_t number_of(const bson_t *doc, const char *name)
{
    bson_iter_t at;

    return bson_iter_init_find(&at, doc, name) ? bson_iter_as_int64(&at) : 0;
}

/* The administrator's record, else the one that was refused. */
static struct slice value_of(const bson_t *wish)
{
    struct slice mended = bson_bytes_of(wish, "replayValue");

    return mended.data ? mended : bson_bytes_of(wish, "value");
}

/* --- writing down what became of it --- */

static enum result change(struct replay *r, const bson_t *wish, const bson_t *fields,
                          struct err *err)
{
    bson_t selector = BSON_INITIALIZER, update = BSON_INITIALIZER;
    struct slice id = bson_text_of(wish, "_id");
    enum result result;

    bson_append_utf8(&selector, "_id", -1, id.data, (int)id.len);
    BSON_APPEND_UTF8(&selector, "state", "replaying");
    BSON_APPEND_DOCUMENT(&update, "$set", fields);
    result = store_update(r->store, COLLECTION_REJECTS, &selector, &update, err);
    bson_destroy(&selector);
    bson_destroy(&update);
    return result;
}

static enum result set_replayed(struct replay *r, const bson_t *wish, struct err *err)
{
    bson_t fields = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_UTF8(&fields, "state", "replayed");
    BSON_APPEND_DATE_TIME(&fields, "replayedAt", clock_wall_ms());
    result = change(r, wish, &fields, err);
    bson_destroy(&fields);
    return result;
}

static enum result set_open(struct replay *r, const bson_t *wish, const char *why, struct err *err)
{
    bson_t fields = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_UTF8(&fields, "state", "open");
    BSON_APPEND_UTF8(&fields, "replayError",
                     why && bson_utf8_validate(why, strlen(why), false) ? why
                                                                        : "the store refuses it");
    result = change(r, wish, &fields, err);
    bson_destroy(&fields);
    return result;
}

/* --- through the raw topic --- */

static void note_found(void *ctx, const bson_t *doc)
{
    struct replay *r = ctx;

    (void)doc;
    r->found = true;
}

/* Sent by an earlier attempt, which did not live to say so? */
static enum result look_for_earlier(struct replay *r, const bson_t *wish, struct err *err)
{
    struct slice id = bson_text_of(wish, "storedId");
    const struct store_found found = {note_found, r};
    bson_t ids = BSON_INITIALIZER;
    enum result result = OK;

    r->found = false;
    if (number_of(wish, "replayTries") > 0 && id.data) {
        store_add_id(&ids, 0, id);
        result = store_find_logs(r->store, &ids, &found, err);
    }
    bson_destroy(&ids);
    return result;
}

static enum result note_try(struct replay *r, const bson_t *wish, struct err *err)
{
    bson_t fields = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_INT64(&fields, "replayTries", number_of(wish, "replayTries") + 1);
    result = change(r, wish, &fields, err);
    bson_destroy(&fields);
    return result;
}

/* Of the headers that came with it, all but those that are settled anew. A mended record is plain
 * JSON, whatever the one that was refused was. */
static bool is_kept(const char *name, bool mended)
{
    static const char *const ours[] = {"als.id", "als.tenant", "als.replay"};

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(name, ours[i]) == 0)
            return false;
    return !mended || (strcmp(name, "content-type") != 0 && strncmp(name, "ce_", 3) != 0);
}

static void add_header(rd_kafka_headers_t *headers, const char *name, struct slice value)
{
    rd_kafka_header_add(headers, name, -1, value.data, (ssize_t)value.len);
}

static void keep_headers(const bson_t *wish, rd_kafka_headers_t *headers)
{
    bool mended = bson_bytes_of(wish, "replayValue").data != NULL;
    struct reject_headers kept = reject_headers(wish);
    struct slice value;
    const char *name;

    while (reject_headers_next(&kept, &name, &value))
        if (is_kept(name, mended))
            add_header(headers, name, value);
}

static enum result send_raw(struct replay *r, const bson_t *wish, struct err *err)
{
    rd_kafka_headers_t *headers;
    struct slice key = bson_bytes_of(wish, "replayKey");

    if (!r->sender && raw_sender_new(r->settings, &r->sender, err) != OK)
        return RETRY;
    headers = rd_kafka_headers_new(8);
    keep_headers(wish, headers);
    add_header(headers, "als.id", bson_text_of(wish, "logId"));
    add_header(headers, "als.tenant", bson_text_of(wish, "tenant"));
    add_header(headers, "als.replay", bson_text_of(wish, "_id"));
    return raw_sender_send(r->sender, key.data ? key : bson_bytes_of(wish, "key"), value_of(wish),
                           headers, err);
}

static enum result replay_raw(struct replay *r, const bson_t *wish, struct err *err)
{
    enum result result = look_for_earlier(r, wish, err);

    if (result == OK && !r->found) {
        result = note_try(r, wish, err);
        if (result == OK)
            result = send_raw(r, wish, err);
    }
    if (result == REJECT)
        return set_open(r, wish, err->text, err);
    return result == OK ? set_replayed(r, wish, err) : result;
}

/* --- straight into the store --- */

static enum result open_writer(struct replay *r, struct err *err)
{
    if (r->writer)
        return OK;
    if (!r->letters && dead_letters_new(r->settings, &r->letters, err) != OK)
        return RETRY;
    if (!r->lanes && lanes_new(lanes_store_write, r->store, NULL, &r->lanes, err) != OK)
        return RETRY;
    r->writer = writer_new(r->settings, r->store, r->lanes, r->letters);
    return OK;
}

static enum stream stream_of(const struct replay *r, const bson_t *wish)
{
    char stats[256];

    kafka_topic_name(r->settings, TOPIC_STATS, stats);
    return slice_is(bson_text_of(wish, "topic"), stats) ? STREAM_STATS : STREAM_LOGS;
}

static enum result replay_stored(struct replay *r, const bson_t *wish, struct err *err)
{
    AUTO(batch) b = batch_new();
    struct position at = {stream_of(r, wish), (int32_t)number_of(wish, "partition"),
                          number_of(wish, "offset")};
    rd_kafka_message_t *none = NULL;
    enum result result = open_writer(r, err);

    if (result != OK)
        return result;
    intake_add(r->intake, b, at, &none, value_of(wish));
    if (b->count == 1 && b->entries[0].fate == FATE_DEAD)
        return set_open(r, wish, b->entries[0].why, err);
    result = writer_write(r->writer, b, err);
    if (result == OK && b->count == 1 && b->entries[0].fate == FATE_BURIED)
        return set_open(r, wish, b->entries[0].why, err);
    return result == OK ? set_replayed(r, wish, err) : result;
}

static void keep_wish(void *ctx, const bson_t *doc)
{
    struct replay *r = ctx;

    if (r->count < AT_ONCE)
        r->wishes[r->count++] = bson_copy(doc);
}

static enum result forget(struct replay *r, const bson_t *wish, struct err *err)
{
    bson_t ids = BSON_INITIALIZER;

    store_add_id(&ids, 0, bson_text_of(wish, "_id"));
    enum result result = store_delete(r->store, COLLECTION_REJECTS, &ids, err);
    bson_destroy(&ids);
    return result;
}

static enum result fulfil(struct replay *r, const bson_t *wish, struct err *err)
{
    if (reject_is_erased(wish, rules_erasures(rules_reader_rules(r->rules))))
        return forget(r, wish, err);
    return slice_is(bson_text_of(wish, "stage"), "processor") ? replay_raw(r, wish, err)
                                                              : replay_stored(r, wish, err);
}

enum result replay_pending(struct replay *r, struct err *err)
{
    const struct store_found found = {keep_wish, r};
    bson_t filter = BSON_INITIALIZER;
    enum result result;

    BSON_APPEND_UTF8(&filter, "state", "replaying");
    result = store_find(r->store, COLLECTION_REJECTS, &filter, AT_ONCE, &found, err);
    bson_destroy(&filter);
    if (result == OK && r->count > 0 && rules_reader_refresh(r->rules, err) != OK)
        result = RETRY;
    for (size_t i = 0; i < r->count && result == OK; i++)
        result = fulfil(r, r->wishes[i], err);
    forget_wishes(r);
    return result;
}
