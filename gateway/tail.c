/* SPDX-License-Identifier: MIT */
#include "gateway/tail.h"

#include "common/clock.h"
#include "common/iso8601.h"
#include "common/kafka_conf.h"
#include "common/kafka_topics.h"
#include "common/log.h"
#include "common/mem.h"
#include "gateway/erased.h"
#include "schemas/json.h"
#include "schemas/record.h"

#include <pthread.h>
#include <stdlib.h>

enum { POLL_MS = 200, ASK_MS = 2000, AGAIN_MS = 1000 };

struct tail {
    struct gateway *gateway;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows, and what listeners call the tail's */
    pthread_cond_t change;
    h2o_linklist_t listeners;
    size_t count;
    bool live; /* the consumer stands where the topic ends */
    bool stopping;
};

/* --- with the lock held --- */

static void wake(struct tail_listener *l)
{
    if (l->_woken)
        return;
    l->_woken = true;
    l->wake(l);
}

static void offer(struct tail_listener *l, struct slice json)
{
    if (l->_queue.len > 0 && l->_queue.len + json.len > TAIL_QUEUE_BYTES) {
        l->_dropped++;
    } else {
        tail_event_log(&l->_queue, l->format, json);
        l->_spoke_ms = clock_mono_ms();
    }
    wake(l);
}

static void keep_alive(struct tail *t)
{
    int64_t now_ms = clock_mono_ms();

    for (h2o_linklist_t *at = t->listeners.next; at != &t->listeners; at = at->next) {
        struct tail_listener *l = H2O_STRUCT_FROM_MEMBER(struct tail_listener, _link, at);
        if (now_ms - l->_spoke_ms < TAIL_ALIVE_MS || l->_queue.len > 0)
            continue;
        tail_event_alive(&l->_queue, l->format);
        l->_spoke_ms = now_ms;
        wake(l);
    }
}

static void go_live(struct tail *t)
{
    t->live = true;
    for (h2o_linklist_t *at = t->listeners.next; at != &t->listeners; at = at->next)
        wake(H2O_STRUCT_FROM_MEMBER(struct tail_listener, _link, at));
}

/* --- a record --- */

struct facts {
    struct slice tenant, user_id, actor_id;
    int64_t timestamp_ms, created_ms;
};

static int64_t time_in(struct slice text)
{
    int64_t ms = 0;
    return iso8601_parse(text, &ms) ? ms : 0;
}

static void note_fact(struct facts *f, struct json_value key, struct json_value value,
                      struct buf *arena)
{
    struct json_iter inner;

    if (json_key_is(key, "tenant"))
        f->tenant = json_text(value, arena);
    else if (json_key_is(key, "userId"))
        f->user_id = json_text(value, arena);
    else if (json_key_is(key, "timestamp"))
        f->timestamp_ms = time_in(json_text(value, arena));
    else if (json_key_is(key, "createdAt"))
        f->created_ms = time_in(json_text(value, arena));
    if (!json_key_is(key, "actor") || value.type != JSON_OBJECT)
        return;
    inner = json_iter(value);
    while (json_next(&inner, &key, &value))
        if (value.type == JSON_STRING && json_key_is(key, "id"))
            f->actor_id = json_text(value, arena);
}

static struct facts facts_of(struct slice json, struct buf *arena)
{
    struct json_iter it = json_iter(json_root(json));
    struct json_value key, value;
    struct facts f = {{NULL, 0}, {NULL, 0}, {NULL, 0}, 0, 0};

    buf_clear(arena);
    buf_reserve(arena, json.len + 1);
    while (json_next(&it, &key, &value))
        if (value.type == JSON_STRING || value.type == JSON_OBJECT)
            note_fact(&f, key, value, arena);
    return f;
}

static bool is_erased(struct tail *t, const struct facts *f)
{
    struct gateway *g = t->gateway;

    return (f->user_id.data &&
            gateway_erased(g, f->tenant, f->user_id, f->timestamp_ms, f->created_ms)) ||
           (f->actor_id.data &&
            gateway_erased(g, f->tenant, f->actor_id, f->timestamp_ms, f->created_ms));
}

static void deliver(struct tail *t, struct slice json, struct buf *arena)
{
    struct selection_record record;
    struct err err;

    /* Whoever may write to the topic might write anything. */
    if (json_check(json, RECORD_MAX_DEPTH + 2, &err) != OK || json_root(json).type != JSON_OBJECT)
        return;
    struct facts f = facts_of(json, arena);
    if (is_erased(t, &f))
        return;
    selection_record_read(&record, json);
    pthread_mutex_lock(&t->mutex);
    for (h2o_linklist_t *at = t->listeners.next; at != &t->listeners; at = at->next) {
        struct tail_listener *l = H2O_STRUCT_FROM_MEMBER(struct tail_listener, _link, at);
        if (slice_eq(l->tenant, f.tenant) && selection_matches_record(l->selection, &record))
            offer(l, json);
    }
    pthread_mutex_unlock(&t->mutex);
}

/* --- the consumer --- */

/* From the topic's end, by explicit offsets: where it is, is then known, and not some time later.
 */
static rd_kafka_resp_err_t assign_ends(struct tail *t, rd_kafka_t *consumer)
{
    int32_t partitions = (int32_t)t->gateway->settings->partitions;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    char topic[256];

    kafka_topic_name(t->gateway->settings, TOPIC_ENRICHED, topic);
    for (int32_t i = 0; i < partitions && !code; i++) {
        int64_t first, end = 0;
        code = rd_kafka_query_watermark_offsets(consumer, topic, i, &first, &end, ASK_MS);
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = end;
    }
    if (!code)
        code = rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

static rd_kafka_t *open_consumer(struct tail *t)
{
    rd_kafka_conf_t *conf;
    rd_kafka_resp_err_t code;
    rd_kafka_t *consumer;
    struct err err;
    char why[256];

    if (kafka_conf_consumer(t->gateway->settings, "activity-log-tail", false, &conf, &err) != OK)
        return NULL;
    consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!consumer) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_poll_set_consumer(consumer);
    code = assign_ends(t, consumer);
    if (!code)
        return consumer;
    log_debug("the live tail waits for Kafka: %s", rd_kafka_err2str(code));
    rd_kafka_destroy(consumer);
    return NULL;
}

static bool wanted(struct tail *t)
{
    pthread_mutex_lock(&t->mutex);
    bool yes = t->count > 0 && !t->stopping;
    if (yes)
        keep_alive(t);
    pthread_mutex_unlock(&t->mutex);
    return yes;
}

/* Until nobody listens, or the consumer has lost its place. */
static void consume(struct tail *t, rd_kafka_t *consumer)
{
    AUTO_BUF arena = {0};
    bool lost = false;

    while (wanted(t) && !lost) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(consumer, POLL_MS);
        if (!m)
            continue;
        if (!m->err)
            deliver(t, slice_make(m->payload, m->len), &arena);
        else
            lost = m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                   m->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
                   m->err == RD_KAFKA_RESP_ERR__FATAL;
        rd_kafka_message_destroy(m);
    }
}

static void listen_once(struct tail *t)
{
    rd_kafka_t *consumer = open_consumer(t);

    pthread_mutex_lock(&t->mutex);
    if (consumer)
        go_live(t);
    pthread_mutex_unlock(&t->mutex);
    if (!consumer) {
        clock_sleep_ms(AGAIN_MS);
        return;
    }
    consume(t, consumer);
    pthread_mutex_lock(&t->mutex);
    t->live = false;
    pthread_mutex_unlock(&t->mutex);
    rd_kafka_destroy(consumer);
}

static bool wait_for_listeners(struct tail *t)
{
    pthread_mutex_lock(&t->mutex);
    while (t->count == 0 && !t->stopping)
        pthread_cond_wait(&t->change, &t->mutex);
    bool go_on = !t->stopping;
    pthread_mutex_unlock(&t->mutex);
    return go_on;
}

static void *run(void *arg)
{
    struct tail *t = arg;

    while (wait_for_listeners(t))
        listen_once(t);
    return NULL;
}

/* --- listeners --- */

struct tail *tail_new(struct gateway *g)
{
    struct tail *t = mem_zalloc(sizeof *t);

    t->gateway = g;
    h2o_linklist_init_anchor(&t->listeners);
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->change, NULL);
    if (pthread_create(&t->thread, NULL, run, t) != 0)
        abort();
    return t;
}

void tail_free(struct tail *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->mutex);
    t->stopping = true;
    pthread_cond_signal(&t->change);
    pthread_mutex_unlock(&t->mutex);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->change);
    pthread_mutex_destroy(&t->mutex);
    free(t);
}

size_t tail_count(struct tail *t)
{
    pthread_mutex_lock(&t->mutex);
    size_t count = t->count;
    pthread_mutex_unlock(&t->mutex);
    return count;
}

bool tail_join(struct tail *t, struct tail_listener *l)
{
    pthread_mutex_lock(&t->mutex);
    bool fits = t->count < TAIL_LISTENERS_MAX;
    if (fits) {
        t->count++;
        l->_spoke_ms = clock_mono_ms();
        h2o_linklist_insert(&t->listeners, &l->_link);
        pthread_cond_signal(&t->change);
        if (t->live)
            wake(l);
    }
    pthread_mutex_unlock(&t->mutex);
    return fits;
}

bool tail_leave(struct tail *t, struct tail_listener *l)
{
    pthread_mutex_lock(&t->mutex);
    h2o_linklist_unlink(&l->_link);
    t->count--;
    bool woken = l->_woken;
    pthread_mutex_unlock(&t->mutex);
    buf_done(&l->_queue);
    return woken;
}

void tail_take(struct tail *t, struct tail_listener *l, struct buf *out)
{
    pthread_mutex_lock(&t->mutex);
    struct buf queue = l->_queue;
    uint64_t dropped = l->_dropped;
    l->_queue = *out;
    buf_clear(&l->_queue);
    l->_dropped = 0;
    l->_woken = false;
    pthread_mutex_unlock(&t->mutex);
    *out = queue;
    if (dropped > 0)
        tail_event_dropped(out, l->format, dropped);
}
