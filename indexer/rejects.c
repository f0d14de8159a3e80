/* SPDX-License-Identifier: MIT */
#include "indexer/rejects.h"

#include "common/clock.h"
#include "common/kafka_conf.h"
#include "common/kafka_source.h"
#include "common/kafka_topics.h"
#include "common/log.h"
#include "common/mem.h"
#include "indexer/reject_document.h"
#include "indexer/replay.h"
#include "indexer/store.h"
#include "rules/reject.h"
#include "rules/rules_reader.h"
#include "schemas/bson_member.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    POLL_MS = 500,
    LETTERS_AT_ONCE = 50,
    BYTES_AT_ONCE = 4 * 1024 * 1024,
    REPLAY_EVERY_MS = 500,
    BACKOFF_MS = 200,
    BACKOFF_CAP_MS = 5000,
    SILENCE_MS = 120000,
};

struct rejects {
    const struct settings *settings;
    struct health *health;
    int watch;
    pthread_t thread;
    bool started;
    atomic_bool quit;
    struct store *store;
    struct replay *replay;
    struct rules_reader *rules;
    struct kafka_source *source; /* NULL: to be opened */
    char topic[256];
    struct letter {
        bson_t selector, update;
    } letters[LETTERS_AT_ONCE];
    size_t count, bytes;
    struct change upserts[LETTERS_AT_ONCE]; /* of those letters that are kept */
    size_t kept;
    struct refusals refused;
    int64_t applied;         /* version of the rules */
    int64_t next, committed; /* of the topic's one partition; -1: unknown */
    int64_t replayed_at;
};

static void clear(struct rejects *r)
{
    for (; r->count > 0; r->count--) {
        bson_destroy(&r->letters[r->count - 1].selector);
        bson_destroy(&r->letters[r->count - 1].update);
    }
    r->bytes = r->kept = 0;
}

static void ended(void *ctx, const rd_kafka_message_t *m)
{
    struct rejects *r = ctx;

    r->next = m->offset;
}

static void revoked(void *ctx, const rd_kafka_topic_partition_list_t *partitions, bool lost)
{
    struct rejects *r = ctx;

    (void)partitions;
    (void)lost;
    clear(r);
    r->next = r->committed = -1;
}

static enum result make_conf(const struct rejects *r, rd_kafka_conf_t **ret, struct err *err)
{
    static const char *const ours[][2] = {
        {"auto.offset.reset", "earliest"},      {"enable.partition.eof", "true"},
        {"queued.max.messages.kbytes", "4096"}, {"fetch.max.bytes", "1048576"},
        {"fetch.message.max.bytes", "262144"},
    };
    char group[300];
    enum result result;

    snprintf(group, sizeof group, "%s-rejects", r->settings->kafka_topic);
    result = kafka_conf_consumer(r->settings, group, true, ret, err);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0] && result == OK; i++)
        result = kafka_conf_set(*ret, ours[i][0], ours[i][1], err);
    return result;
}

static enum result open_source(struct rejects *r, struct err *err)
{
    const struct kafka_source_events events = {.ctx = r, .revoked = revoked, .ended = ended};
    const char *topics[] = {r->topic};
    rd_kafka_conf_t *conf = NULL;
    enum result result = make_conf(r, &conf, err);

    if (result == OK)
        return kafka_source_new(&conf, topics, 1, &events, &r->source, err);
    if (conf)
        rd_kafka_conf_destroy(conf);
    return result;
}

static void add(struct rejects *r, const rd_kafka_message_t *m)
{
    rd_kafka_headers_t *headers = NULL;
    struct letter *l = &r->letters[r->count++];

    rd_kafka_message_headers(m, &headers);
    const struct reject_letter letter = {
        .topic = r->topic,
        .partition = m->partition,
        .offset = m->offset,
        .at_ms = rd_kafka_message_timestamp(m, NULL),
        .key = slice_make(m->key, m->key_len),
        .value = slice_make(m->payload, m->len),
        .headers = headers,
    };

    bson_init(&l->selector);
    bson_init(&l->update);
    reject_document(&letter, &l->selector, &l->update);
    r->bytes += l->update.len;
    r->next = m->offset + 1;
}

static enum result gather(struct rejects *r, struct err *err)
{
    enum result result = OK;
    int timeout_ms = POLL_MS;

    while (result == OK && r->count < LETTERS_AT_ONCE && r->bytes < BYTES_AT_ONCE) {
        rd_kafka_message_t *m = NULL;

        result = kafka_source_poll(r->source, timeout_ms, &m, err);
        if (!m)
            break;
        add(r, m);
        rd_kafka_message_destroy(m);
        timeout_ms = 0;
    }
    return result;
}

static bool is_erased(const struct erasures *erasures, const bson_t *update)
{
    const uint8_t *data;
    uint32_t len;
    bson_iter_t it;
    bson_t reject;

    if (!bson_iter_init_find(&it, update, "$setOnInsert"))
        return false;
    bson_iter_document(&it, &len, &data);
    return bson_init_static(&reject, data, len) && reject_is_erased(&reject, erasures);
}

/* What is about a user whose logs are erased, whether deleted or masked, is not kept: nobody knows
 * what else such a record says of them. */
static enum result leave_out_erased(struct rejects *r, struct err *err)
{
    const struct erasures *erasures;

    if (r->count == 0)
        return OK;
    if (rules_reader_refresh(r->rules, err) != OK)
        return RETRY;
    erasures = rules_erasures(rules_reader_rules(r->rules));
    r->applied = rules_version(rules_reader_rules(r->rules));
    r->kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct letter *l = &r->letters[i];

        if (!is_erased(erasures, &l->update))
            r->upserts[r->kept++] = (struct change){&l->selector, &l->update};
    }
    return OK;
}

static void list_erased(const struct rejects *r, bson_t *ids)
{
    const struct erasures *erasures = rules_erasures(rules_reader_rules(r->rules));

    for (size_t i = 0, n = 0; i < r->kept; i++)
        if (is_erased(erasures, r->upserts[i].update))
            store_add_id(ids, n++, bson_text_of(r->upserts[i].doc, "_id"));
}

/* An erasure that was made while the store was being written to, or while this process was frozen:
 * what went in under the old rules is taken out again before the offsets are committed, or lies
 * before the end of the topic that the erasure's job waits for. */
static enum result take_out_erased(struct rejects *r, struct err *err)
{
    bson_t ids = BSON_INITIALIZER;
    enum result result = OK;

    if (r->count == 0)
        return OK;
    if (rules_reader_refresh(r->rules, err) != OK)
        return RETRY;
    if (rules_version(rules_reader_rules(r->rules)) != r->applied)
        list_erased(r, &ids);
    if (bson_count_keys(&ids) > 0)
        result = store_delete(r->store, COLLECTION_REJECTS, &ids, err);
    bson_destroy(&ids);
    return result;
}

/* One that the store will not have as a document stays in the topic, which is not much worse. */
static enum result store_all(struct rejects *r, struct err *err)
{
    enum result result = OK;

    if (r->kept > 0)
        result = store_write(r->store, COLLECTION_REJECTS, r->upserts, r->kept, &r->refused, err);
    for (size_t i = 0; result == OK && i < r->refused.count; i++) {
        const struct refusal *why = &r->refused.items[i];
        enum refusal_kind kind = refusal_kind(why->code, why->text);

        if (kind == REFUSED_DATA)
            log_sparse(LOG_WARN, "a dead letter is not kept as a reject, going on: %s", why->text);
        else
            result = err_set(err, RETRY, "%d %s", why->code, why->text);
    }
    refusals_clear(&r->refused);
    return result;
}

static void commit(struct rejects *r)
{
    rd_kafka_topic_partition_list_t *list;

    if (r->next < 0 || r->next == r->committed)
        return;
    list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, r->topic, 0)->offset = r->next;
    if (!rd_kafka_commit(kafka_source_handle(r->source), list, 1))
        r->committed = r->next;
    rd_kafka_topic_partition_list_destroy(list);
}

static bool owns_partition(const struct rejects *r)
{
    rd_kafka_topic_partition_list_t *ours;
    bool some;

    if (rd_kafka_assignment(kafka_source_handle(r->source), &ours))
        return false;
    some = ours->cnt > 0;
    rd_kafka_topic_partition_list_destroy(ours);
    return some;
}

static enum result turn(struct rejects *r, struct err *err)
{
    enum result result = r->source ? OK : open_source(r, err);

    if (result == OK)
        result = gather(r, err);
    if (result == OK)
        result = leave_out_erased(r, err);
    if (result == OK)
        result = store_all(r, err);
    if (result == OK)
        result = take_out_erased(r, err);
    if (result != OK)
        return result;
    commit(r);
    clear(r);
    if (!owns_partition(r) || clock_mono_ms() - r->replayed_at < REPLAY_EVERY_MS)
        return OK;
    result = replay_pending(r->replay, err);
    r->replayed_at = clock_mono_ms();
    return result;
}

static void begin_again(struct rejects *r, unsigned attempt, const struct err *err)
{
    int64_t until = clock_mono_ms() + clock_backoff_ms(attempt, BACKOFF_MS, BACKOFF_CAP_MS);

    log_sparse(LOG_WARN, "rejects are not kept up, trying again: %s", err->text);
    clear(r);
    kafka_source_free(TAKE(r->source));
    r->next = r->committed = -1;
    while (!atomic_load(&r->quit) && clock_mono_ms() < until)
        clock_sleep_ms(50);
}

static void *run(void *arg)
{
    struct rejects *r = arg;
    unsigned attempt = 0;

    while (!atomic_load(&r->quit)) {
        struct err err;
        enum result result = turn(r, &err);

        health_beat(r->health, r->watch);
        if (result == OK)
            attempt = 0;
        else if (!atomic_load(&r->quit))
            begin_again(r, attempt++, &err);
    }
    kafka_source_free(TAKE(r->source)); /* on the thread that polled it */
    return NULL;
}

enum result rejects_new(const struct settings *settings, struct health *health,
                        struct rejects **ret, struct err *err)
{
    AUTO(rejects) r = mem_zalloc(sizeof *r);
    enum result result = store_new(settings, &r->store, err);

    if (result != OK)
        return result;
    result = rules_reader_new(settings, &r->rules, err);
    if (result != OK)
        return result;
    r->settings = settings;
    r->health = health;
    r->watch = health_watch(health, "rejects", SILENCE_MS);
    r->next = r->committed = -1;
    kafka_topic_name(settings, TOPIC_DLQ, r->topic);
    r->replay = replay_new(settings, r->store, r->rules);
    if (pthread_create(&r->thread, NULL, run, r) != 0)
        return err_set(err, FATAL, "the thread for rejects cannot be started");
    r->started = true;
    *ret = TAKE(r);
    return OK;
}

void rejects_free(struct rejects *r)
{
    if (!r)
        return;
    atomic_store(&r->quit, true);
    if (r->started)
        pthread_join(r->thread, NULL);
    clear(r);
    replay_free(r->replay);
    rules_reader_free(r->rules);
    refusals_done(&r->refused);
    store_free(r->store);
    free(r);
}
