/* SPDX-License-Identifier: MIT */
#include "processor/counters.h"

#include "common/clock.h"
#include "common/kafka_conf.h"
#include "common/kafka_source.h"
#include "common/kafka_topics.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "processor/consumer_memory.h"
#include "processor/counters_metrics.h"
#include "processor/counters_start.h"
#include "processor/feeds.h"
#include "processor/redis_link.h"
#include "rules/rules_watch.h"
#include "schemas/stats.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { IDLE_MS = 100, LOOK_MS = 1000, STUCK_MS = 60000 };
/* Records that are worked on between two looks at the clock. */
enum { RUN_RECORDS = 64 };

struct counters {
    const struct settings *settings;
    struct health *health;
    int watch;
    struct counters_metrics metrics;
    char topics[2][256]; /* by feed_kind */

    struct kafka_source *source;
    struct redis_link link;
    struct feeds *feeds; /* the partitions that are ours */
    struct stats_record *reader;
    bool is_started; /* every feed reads on from where Redis is */
    bool has_work;   /* some slice holds a record */
    bool is_behind;  /* there is more to read, though the last poll brought nothing */
    size_t woken;
    struct consumer_waker waker;
    int64_t look_ms;
    struct start_patience patience;
    struct rules_watch *watched; /* borrowed */
    struct rules *rules;         /* under which the slices are added up; NULL: not known yet */

    bool has_thread;
    pthread_t thread;
    enum result result;
    struct err err;
};

/* Reads nothing until the positions are known again. */
static void halt(struct counters *c)
{
    rd_kafka_topic_partition_list_t *none;

    if (!c->is_started || !c->source)
        return;
    none = rd_kafka_topic_partition_list_new(0);
    rd_kafka_assign(kafka_source_handle(c->source), none);
    rd_kafka_topic_partition_list_destroy(none);
    c->is_started = c->has_work = false;
}

static void lose_redis(struct counters *c, const struct err *err)
{
    redis_link_lose(&c->link, err);
    halt(c);
}

/* --- slices --- */

/* Only what is applied: what a halt drops is read again. */
static void count(struct counters *c, const struct feed *feed)
{
    metric_add(c->metrics.received, feed->records);
    metric_add(c->metrics.rejected, feed->rejected);
    metric_add(c->metrics.accepted, feed->records - feed->rejected);
}

static enum result apply(struct counters *c, struct feed *feed, struct err *err)
{
    const struct slice_of_partition slice = {
        .field = feed->field,
        .expected = feed->expected,
        .after = feed->next,
        .tally = feed->tally,
        .is_ruled = feed->kind == FEED_ENRICHED && c->rules,
        .rules = c->rules ? rules_version(c->rules) : 0,
    };
    enum counters_answer answer;
    enum result result;

    if (feed->next == feed->expected)
        return OK;
    result = counters_redis_apply(c->link.redis, &slice, &answer, err);
    if (result != OK)
        return result;
    if (answer == COUNTERS_APPLIED) {
        count(c, feed);
        feed_applied(feed);
    } else {
        log_info("counters: a slice of %s was refused, looking at the positions again: %s",
                 feed->field, answer == COUNTERS_MOVED ? "Redis is elsewhere" : "rebuilding");
        halt(c);
    }
    return OK;
}

static enum result apply_all(struct counters *c, bool with_empty, struct err *err)
{
    enum result result = OK;
    struct feed *feed;

    for (size_t i = 0; result == OK && c->is_started && (feed = feeds_at(c->feeds, i)); i++) {
        if (feed->records || with_empty)
            result = apply(c, feed, err);
    }
    c->has_work = false;
    return result;
}

static enum result take(struct counters *c, const rd_kafka_message_t *m, struct err *err)
{
    struct feed *feed = feeds_find(c->feeds, rd_kafka_topic_name(m->rkt), m->partition);
    const struct feed_record record = {
        .value = slice_make(m->payload, m->len),
        .offset = m->offset,
        .record_ms = rd_kafka_message_timestamp(m, NULL),
        .now_ms = clock_wall_ms(),
        .erasures = c->rules ? rules_erasures(c->rules) : NULL,
    };
    struct err why;

    if (!feed || !c->is_started || m->offset < feed->next)
        return OK; /* from before a halt */
    if (feed_take(feed, c->reader, &record, &why) != OK)
        log_sparse(LOG_WARN, "counters: a record of %s is left out: %s", feed->field, why.text);
    c->has_work = true;
    return feed_is_full(feed) ? apply(c, feed, err) : OK;
}

/* --- the group --- */

static enum result on_assigned(void *ctx, rd_kafka_topic_partition_list_t *partitions,
                               struct err *err)
{
    struct counters *c = ctx;

    (void)err;
    feeds_clear(c->feeds);
    for (int i = 0; i < partitions->cnt; i++) {
        const rd_kafka_topic_partition_t *p = &partitions->elems[i];
        bool is_stats = strcmp(p->topic, c->topics[FEED_STATS]) == 0;

        feeds_add(c->feeds, is_stats ? FEED_STATS : FEED_ENRICHED, p->topic, p->partition);
    }
    while (partitions->cnt > 0) /* read nothing yet: only Redis knows from where */
        rd_kafka_topic_partition_list_del_by_idx(partitions, partitions->cnt - 1);
    c->is_started = c->has_work = false;
    return OK;
}

static void on_revoked(void *ctx, const rd_kafka_topic_partition_list_t *partitions, bool lost)
{
    struct counters *c = ctx;

    (void)partitions;
    (void)lost; /* what is not applied yet is read again by whoever is next */
    feeds_clear(c->feeds);
    c->is_started = c->has_work = false;
}

static void on_ended(void *ctx, const rd_kafka_message_t *end)
{
    struct counters *c = ctx;
    struct feed *feed = feeds_find(c->feeds, rd_kafka_topic_name(end->rkt), end->partition);

    if (feed && c->is_started)
        feed_reach(feed, end->offset);
}

static enum result join(struct counters *c, struct err *err)
{
    const char *const topics[] = {c->topics[FEED_STATS], c->topics[FEED_ENRICHED]};
    const struct kafka_source_events events = {
        .ctx = c, .assigned = on_assigned, .revoked = on_revoked, .ended = on_ended};
    rd_kafka_conf_t *conf;
    char group[512];
    enum result result = kafka_topics_ensure(c->settings, err);

    if (result != OK)
        return result;
    snprintf(group, sizeof group, "%s-counters", c->settings->kafka_topic);
    result = kafka_conf_consumer(c->settings, group, true, &conf, err);
    if (result != OK)
        return result;
    result = kafka_conf_set(conf, "enable.partition.eof", "true", err);
    if (result == OK)
        result = consumer_memory_limit(conf, err);
    if (result != OK) {
        rd_kafka_conf_destroy(conf);
        return result;
    }
    return kafka_source_new(&conf, topics, 2, &events, &c->source, err);
}

/* --- the loop --- */

static enum result poll_source(struct counters *c, int wait_ms, rd_kafka_message_t **ret,
                               struct err *err)
{
    enum result result = kafka_source_poll(c->source, wait_ms, ret, err);

    if (result == RETRY || result == REJECT)
        log_sparse(LOG_WARN, "counters: reading goes on: %s", err->text);
    if (result == REJECT) { /* the topic was made again: join anew */
        kafka_source_free(TAKE(c->source));
        feeds_clear(c->feeds);
        c->is_started = c->has_work = false;
        stop_sleep_ms(IDLE_MS);
    }
    return result;
}

static void show_lag(struct counters *c)
{
    const struct feed *feed;
    int64_t lag = 0;

    for (size_t i = 0; (feed = feeds_at(c->feeds, i)); i++) {
        int64_t low, high = -1;

        rd_kafka_get_watermark_offsets(kafka_source_handle(c->source), c->topics[feed->kind],
                                       feed->partition, &low, &high);
        if (feed->expected >= 0 && high > feed->expected)
            lag += high - feed->expected;
    }
    metric_set(c->metrics.lag, (double)lag);
}

/* What was added up under other rules is read again. */
static void follow_rules(struct counters *c)
{
    struct rules *now = rules_watch_get(c->watched);

    if (now && (!c->rules || rules_version(now) != rules_version(c->rules))) {
        rules_free(c->rules);
        c->rules = TAKE(now);
        halt(c);
    }
    rules_free(now);
}

/* Once a second: is Redis still where we left it? A loss shows here even when nothing flows. */
static enum result look(struct counters *c, struct err *err)
{
    bool is_good = false;
    enum result result;

    c->look_ms = clock_mono_ms();
    if (c->is_started) {
        result = apply_all(c, true, err);
        if (result != OK)
            return result;
    }
    follow_rules(c);
    show_lag(c);
    result = counters_start_check(c->link.redis, c->feeds, &is_good, err);
    if (result == OK && c->is_started && !is_good) {
        log_info("counters: Redis is not where it was left, looking at the positions again");
        halt(c);
    }
    return result;
}

static enum result start(struct counters *c, struct err *err)
{
    follow_rules(c);
    const struct start_at at = {
        .redis = c->link.redis,
        .consumer = kafka_source_handle(c->source),
        .feeds = c->feeds,
        .topics = {c->topics[FEED_STATS], c->topics[FEED_ENRICHED]},
        .rules = c->rules,
    };
    bool is_rebuilt = false;
    enum result result = counters_start(&at, &c->patience, &c->is_started, &is_rebuilt, err);

    if (is_rebuilt) {
        metric_add(c->metrics.rebuilds, 1);
        log_info("counters: deleted, to be added up again from the topics");
    }
    return result;
}

/* Nothing came: is there nothing? */
static void look_behind(struct counters *c)
{
    size_t count = c->is_started ? feeds_count(c->feeds) : 0;

    c->is_behind = false;
    for (size_t i = 0; !c->is_behind && i < count; i++) {
        const struct feed *feed = feeds_at(c->feeds, c->woken++ % count);

        c->is_behind = consumer_wake(&c->waker, kafka_source_handle(c->source),
                                     c->topics[feed->kind], feed->partition, feed->next);
    }
}

/* One turn with Redis there: RETRY means that it is not any more. `came`: there were records. */
static enum result work(struct counters *c, bool came, struct err *err)
{
    enum result result = OK;

    if (!came && c->has_work)
        result = apply_all(c, false, err);
    else if (!came)
        look_behind(c);
    if (result == OK && clock_mono_ms() - c->look_ms >= LOOK_MS)
        result = look(c, err);
    if (result == OK && !c->is_started)
        result = start(c, err);
    return result;
}

/* Up to a run of records, each taken before the next poll: that may tell of the end of a partition,
 * behind which nothing is taken any more. *ret_lost: Redis went away meanwhile, for `lost`. */
static enum result read_run(struct counters *c, bool *ret_came, bool *ret_lost, struct err *lost,
                            struct err *err)
{
    int wait_ms = c->has_work ? 0 : c->is_behind ? CONSUMER_BEHIND_MS : IDLE_MS;
    enum result result = OK;

    for (size_t i = 0; i < RUN_RECORDS && result == OK && !*ret_lost; i++) {
        rd_kafka_message_t *m = NULL;

        result = poll_source(c, wait_ms, &m, err);
        if (!m)
            break;
        *ret_came = true;
        wait_ms = 0;
        *ret_lost = c->link.redis && take(c, m, lost) != OK;
        rd_kafka_message_destroy(m);
    }
    return result;
}

static enum result turn(struct counters *c, struct err *err)
{
    bool came = false, is_lost = false;
    struct err lost;
    enum result result = c->source ? OK : join(c, err);

    if (result == RETRY) {
        log_sparse(LOG_WARN, "counters wait for Kafka: %s", err->text);
        stop_sleep_ms(LOOK_MS);
        return OK;
    }
    if (result == OK)
        result = read_run(c, &came, &is_lost, &lost, err);
    if (!is_lost && result != FATAL && c->source && redis_link_try(&c->link))
        is_lost = work(c, came, &lost) != OK;
    if (is_lost)
        lose_redis(c, &lost);
    return result == FATAL ? FATAL : OK;
}

static void *run(void *arg)
{
    struct counters *c = arg;
    struct err err;

    pthread_setname_np(pthread_self(), "counters");
    while (!stop_requested() && c->result == OK) {
        health_beat(c->health, c->watch);
        c->result = turn(c, &err);
    }
    if (c->result != OK) {
        c->err = err;
        stop_request();
    } else if (c->link.redis && apply_all(c, true, &err) != OK) {
        log_warn("stopping, the next start adds the last slices: %s", err.text);
    }
    kafka_source_free(TAKE(c->source));
    return NULL;
}

enum result counters_new(const struct settings *settings, struct metrics *metrics,
                         struct health *health, struct rules_watch *rules, struct counters **ret,
                         struct err *err)
{
    AUTO(counters) c = mem_zalloc(sizeof *c);

    c->settings = settings;
    c->health = health;
    c->watched = rules;
    redis_link_init(&c->link, settings, health);
    c->watch = health_watch(health, "counters", STUCK_MS);
    counters_metrics_init(&c->metrics, metrics);
    kafka_topic_name(settings, TOPIC_STATS, c->topics[FEED_STATS]);
    kafka_topic_name(settings, TOPIC_ENRICHED, c->topics[FEED_ENRICHED]);
    c->feeds = feeds_new();
    c->reader = stats_record_new();
    if (pthread_create(&c->thread, NULL, run, c) != 0)
        return err_set(err, FATAL, "no thread for the counters");
    c->has_thread = true;
    *ret = TAKE(c);
    return OK;
}

enum result counters_stop(struct counters *c, struct err *err)
{
    stop_request();
    if (c->has_thread)
        pthread_join(c->thread, NULL);
    c->has_thread = false;
    *err = c->err;
    return c->result;
}

void counters_free(struct counters *c)
{
    struct err ignored;

    if (!c)
        return;
    counters_stop(c, &ignored);
    kafka_source_free(c->source);
    redis_link_done(&c->link);
    feeds_free(c->feeds);
    stats_record_free(c->reader);
    rules_free(c->rules);
    free(c);
}
