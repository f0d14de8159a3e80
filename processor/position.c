/* SPDX-License-Identifier: MIT */
#include "processor/position.h"

#include "common/clock.h"
#include "common/mem.h"
#include "processor/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMITTED_MS = 10000, PROBE_MS = 10000 };

char *position_note(int64_t append_ms)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, append_ms);
    return mem_strdup(text);
}

static int64_t read_note(const rd_kafka_topic_partition_t *p)
{
    char text[24] = "", *end;
    long long ms;

    if (p->metadata_size == 0 || p->metadata_size >= sizeof text)
        return -1;
    memcpy(text, p->metadata, p->metadata_size);
    ms = strtoll(text, &end, 10);
    return *end == 0 && ms >= 0 ? ms : -1;
}

static struct position position_of(const rd_kafka_topic_partition_t *p)
{
    if (p->offset < 0)
        return (struct position){.partition = p->partition, .kind = POSITION_NONE, .append_ms = -1};
    return (struct position){
        .partition = p->partition,
        .kind = POSITION_COMMITTED,
        .offset = p->offset,
        .append_ms = read_note(p),
    };
}

enum result position_committed(rd_kafka_t *consumer,
                               const rd_kafka_topic_partition_list_t *partitions,
                               struct position *ret, struct err *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(partitions);
    rd_kafka_resp_err_t code = rd_kafka_committed(consumer, list, COMMITTED_MS);

    for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; i++) {
        code = list->elems[i].err;
        ret[i] = position_of(&list->elems[i]);
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return OK;
    return err_set(err, RETRY, "the group's offsets are not settled yet: %s",
                   rd_kafka_err2str(code));
}

/* --- the record before each position: is it the one that was counted? --- */

struct probe {
    struct reader *reader;
    const char *topic;
    struct position *positions;
    size_t count, waiting;
    bool *asked; /* of each position: still to be answered */
};

/* Compares a position with where its partition begins and ends. True: the record before it is
 * there, and its time can be asked for. */
static bool place_in_bounds(struct position *p, int64_t low, int64_t high)
{
    if (p->kind == POSITION_NONE) {
        p->offset = low;
    } else if (p->offset > high) {
        p->kind = POSITION_REPLACED;
    } else if (p->offset < low) {
        p->kind = POSITION_EXPIRED;
        p->lost = low - p->offset;
        p->offset = low;
    } else {
        return p->append_ms >= 0 && p->offset > low;
    }
    return false;
}

static enum result find_bounds(struct probe *probe, rd_kafka_topic_partition_list_t *places,
                               struct err *err)
{
    for (size_t i = 0; i < probe->count; i++) {
        struct position *p = &probe->positions[i];
        int64_t low = 0, high = 0;
        enum result result =
            reader_bounds(probe->reader, probe->topic, p->partition, &low, &high, err);

        if (result != OK)
            return result;
        if (!place_in_bounds(p, low, high))
            continue;
        rd_kafka_topic_partition_list_add(places, probe->topic, p->partition)->offset =
            p->offset - 1;
        probe->asked[i] = true;
        probe->waiting++;
    }
    return OK;
}

static void answer(struct probe *probe, const rd_kafka_message_t *m)
{
    for (size_t i = 0; i < probe->count; i++) {
        struct position *p = &probe->positions[i];

        if (p->partition != m->partition || !probe->asked[i])
            continue;
        probe->asked[i] = false;
        probe->waiting--;
        if (m->err || m->offset != p->offset - 1 ||
            rd_kafka_message_timestamp(m, NULL) != p->append_ms)
            p->kind = POSITION_REPLACED;
    }
}

static enum result compare_times(struct probe *probe, struct err *err)
{
    int64_t deadline_ms = clock_mono_ms() + PROBE_MS;

    while (probe->waiting && clock_mono_ms() < deadline_ms) {
        rd_kafka_message_t *m = reader_poll(probe->reader, 100);

        if (!m)
            continue;
        answer(probe, m);
        rd_kafka_message_destroy(m);
    }
    if (probe->waiting)
        return err_set(err, RETRY, "the last records counted cannot be read yet");
    return OK;
}

/* Begins what was replaced at the first record that is newer than the last one counted. */
static enum result find_newer(struct probe *probe, struct position *p, struct err *err)
{
    rd_kafka_topic_partition_list_t *place;
    int64_t low, high;
    enum result result;

    if (p->append_ms < 0)
        return err_set(err, FATAL,
                       "the group's offset %" PRId64 " of %s:%d is beyond its end, and was set "
                       "by hand: stop the processors and set one that exists with "
                       "kafka-consumer-groups --reset-offsets",
                       p->offset, probe->topic, p->partition);
    place = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(place, probe->topic, p->partition)->offset = p->append_ms + 1;
    result = reader_times(probe->reader, place, err);
    p->offset = place->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(place);
    if (result != OK || p->offset >= 0)
        return result;
    result = reader_bounds(probe->reader, probe->topic, p->partition, &low, &high, err);
    p->offset = high;
    return result;
}

static enum result settle(struct probe *probe, rd_kafka_topic_partition_list_t *places,
                          struct err *err)
{
    enum result result = find_bounds(probe, places, err);

    if (result == OK && places->cnt > 0)
        result = reader_start(probe->reader, places, err);
    if (result == OK)
        result = compare_times(probe, err);
    for (size_t i = 0; result == OK && i < probe->count; i++) {
        if (probe->positions[i].kind == POSITION_REPLACED)
            result = find_newer(probe, &probe->positions[i], err);
    }
    return result;
}

enum result position_settle(const struct settings *settings, struct position *positions,
                            size_t count, struct err *err)
{
    struct probe probe = {.topic = settings->kafka_topic, .positions = positions, .count = count};
    rd_kafka_topic_partition_list_t *places;
    AUTO(reader) reader = NULL;
    enum result result = reader_new(settings, READ_UNCOMMITTED, &reader, err);

    if (result != OK || count == 0)
        return result;
    probe.reader = reader;
    probe.asked = mem_zalloc(count * sizeof *probe.asked);
    places = rd_kafka_topic_partition_list_new((int)count);
    result = settle(&probe, places, err);
    rd_kafka_topic_partition_list_destroy(places);
    free(probe.asked);
    return result;
}
