/* SPDX-License-Identifier: MIT */
#include "processor/counters_start.h"

#include "common/clock.h"
#include "common/mem.h"
#include "processor/counters_forget.h"

#include <stdlib.h>

enum { BOUNDS_MS = 2000, PATIENCE_MS = 5000 };

static enum result read_positions(struct counters_redis *redis, struct feeds *feeds,
                                  struct counters_positions *ret, struct err *err)
{
    size_t count = feeds_count(feeds);
    const char **fields = mem_alloc((count + 1) * sizeof *fields);
    enum result result;

    for (size_t i = 0; i < count; i++)
        fields[i] = feeds_at(feeds, i)->field;
    result = counters_redis_positions(redis, fields, count, ret, err);
    free(fields);
    return result;
}

enum fit { FITS, TOO_EARLY, TOO_LATE, UNKNOWN };

/* Does the position lie within what the partition still holds? */
static enum fit fit_of(const struct start_at *at, const struct feed *feed, int64_t offset)
{
    int64_t low, high;

    if (offset < 0)
        return FITS;
    if (rd_kafka_query_watermark_offsets(at->consumer, at->topics[feed->kind], feed->partition,
                                         &low, &high, BOUNDS_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return UNKNOWN;
    if (offset < low)
        return TOO_EARLY;
    return offset > high ? TOO_LATE : FITS;
}

/* The worst of all feeds. */
static enum fit fit_of_all(const struct start_at *at, const int64_t *offsets)
{
    enum fit worst = FITS;
    const struct feed *feed;

    for (size_t i = 0; (feed = feeds_at(at->feeds, i)); i++) {
        enum fit fit = fit_of(at, feed, offsets[i]);

        if (fit == UNKNOWN || fit == TOO_EARLY)
            return fit;
        worst = fit == TOO_LATE ? TOO_LATE : worst;
    }
    return worst;
}

static bool is_patience_over(int64_t *since_ms)
{
    int64_t now_ms = clock_mono_ms();

    if (*since_ms == 0)
        *since_ms = now_ms;
    return now_ms - *since_ms >= PATIENCE_MS;
}

static bool begin(const struct start_at *at, const int64_t *offsets)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)feeds_count(at->feeds));
    rd_kafka_resp_err_t code;
    struct feed *feed;

    for (size_t i = 0; (feed = feeds_at(at->feeds, i)); i++) {
        feed_begin(feed, offsets[i]);
        if (feed->kind == FEED_ENRICHED && !at->rules)
            continue;
        rd_kafka_topic_partition_list_add(list, at->topics[feed->kind], feed->partition)->offset =
            offsets[i] < 0 ? RD_KAFKA_OFFSET_BEGINNING : offsets[i];
    }
    code = rd_kafka_assign(at->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

static enum result rebuild(struct counters_redis *redis, const char *token, struct err *err)
{
    char cursor[CURSOR_MAX] = "0";
    enum result result = OK;
    bool done = false;

    while (result == OK && !done)
        result = counters_redis_rebuild(redis, token, cursor, &done, err);
    return result;
}

/* Redis and the rules at hand agree on the version. Rules that stay behind what Redis knows are of
 * another store, or of one that was wiped. */
static enum result agree_on_rules(const struct start_at *at, struct start_patience *patience,
                                  int64_t stored, bool *ret_agreed, struct err *err)
{
    *ret_agreed = true;
    if (!at->rules || rules_version(at->rules) >= stored) {
        patience->rules_ms = 0;
        return at->rules ? counters_forget(at->redis, at->rules, stored, err) : OK;
    }
    *ret_agreed = is_patience_over(&patience->rules_ms);
    return *ret_agreed ? counters_redis_set_rules(at->redis, rules_version(at->rules), err) : OK;
}

static enum result settle(const struct start_at *at, struct start_patience *patience,
                          const struct counters_positions *positions, bool *ret_started,
                          struct err *err)
{
    enum fit fit = fit_of_all(at, positions->offsets);
    enum result result;
    bool agreed;

    if (fit == TOO_EARLY || (fit == TOO_LATE && is_patience_over(&patience->since_ms)))
        return counters_redis_want_rebuild(at->redis, err);
    if (fit != FITS)
        return OK;
    patience->since_ms = 0;
    result = agree_on_rules(at, patience, positions->rules, &agreed, err);
    if (result == OK && agreed)
        *ret_started = begin(at, positions->offsets);
    return result;
}

enum result counters_start(const struct start_at *at, struct start_patience *patience,
                           bool *ret_started, bool *ret_rebuilt, struct err *err)
{
    struct counters_positions positions = {
        .offsets = mem_zalloc((feeds_count(at->feeds) + 1) * sizeof *positions.offsets)};
    enum result result = read_positions(at->redis, at->feeds, &positions, err);

    if (result == OK && positions.is_rebuilding) {
        result = rebuild(at->redis, positions.token, err);
        *ret_rebuilt = result == OK;
    } else if (result == OK && feeds_count(at->feeds) > 0) {
        result = settle(at, patience, &positions, ret_started, err);
    }
    free(positions.offsets);
    return result;
}

enum result counters_start_check(struct counters_redis *redis, struct feeds *feeds, bool *ret_good,
                                 struct err *err)
{
    struct counters_positions positions = {
        .offsets = mem_zalloc((feeds_count(feeds) + 1) * sizeof *positions.offsets)};
    enum result result = read_positions(redis, feeds, &positions, err);

    *ret_good = !positions.is_rebuilding;
    for (size_t i = 0; result == OK && i < feeds_count(feeds); i++)
        *ret_good = *ret_good && positions.offsets[i] == feeds_at(feeds, i)->expected;
    free(positions.offsets);
    return result;
}
